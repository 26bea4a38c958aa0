import { createRequire } from 'node:module';
const require = createRequire('/work/main/apps/payments/package.json');
const { Pool } = require('undici');
const pool = new Pool('http://127.0.0.1:3001', { connections: 32 });
const N = +process.argv[2] || 2000, C = +process.argv[3] || 32;
const body = JSON.stringify({ customerId: 'c1', email: 'a@example.com', lines: [{ sku: 'tea', quantity: 1 }], paymentToken: 'tok_visa' });
const post = async () => { const r = await pool.request({ path: '/orders', method: 'POST', headers: { 'content-type': 'application/json' }, body }); const j = await r.body.json(); if (r.statusCode !== 202) console.log(r.statusCode, j); return j.orderId; };
const get = async (id) => { const r = await pool.request({ path: '/orders/' + id, method: 'GET' }); return r.body.json(); };
if (process.argv[4] === 'seq') {
  const ts = [];
  for (let i = 0; i < N; i++) { const t = performance.now(); const id = await post(); while ((await get(id)).status !== 'confirmed'); ts.push(performance.now() - t); await new Promise(r => setTimeout(r, 20)); }
  ts.sort((a, b) => a - b); console.log('p50', ts[N >> 1].toFixed(1), 'p99', ts[Math.floor(N * .99)].toFixed(1), 'max', ts[N-1].toFixed(1));
} else {
  const t = performance.now(); let left = N; const lat = [];
  await Promise.all(Array.from({ length: C }, async () => { while (left-- > 0) { const a = performance.now(); await post(); lat.push(performance.now() - a); } }));
  lat.sort((a, b) => a - b);
  console.log('posted', N, ((performance.now() - t) / 1000).toFixed(2) + ' s', 'p50', lat[N >> 1].toFixed(0), 'p99', lat[Math.floor(N * .99)].toFixed(0));
  for (;;) { const r = await (await pool.request({ path: '/orders?settled=false&limit=1', method: 'GET' })).body.json(); if (r.items.length === 0) break; await new Promise(r => setTimeout(r, 20)); }
  const s = (performance.now() - t) / 1000; console.log('settled in', s.toFixed(2), 's =', (N / s).toFixed(0), 'orders/s');
}
process.exit(0);
