import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The server that `vite dev` asks; apps/console serves both in production.
const server = process.env['CONSOLE_URL'] ?? 'http://localhost:3000';

export default defineConfig({
  plugins: [react()],
  // Libraries are read from their sources, as the tests read them.
  resolve: { conditions: ['@orderflow/source', 'module', 'browser', 'production'] },
  build: {
    target: 'baseline-widely-available',
    // A data: URL would need an exception in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'licenses.md' },
  },
  server: { proxy: { '/api': server } },
});
