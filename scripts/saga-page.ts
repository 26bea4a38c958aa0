/** Writes docs/saga.md from the saga table. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sagaPage } from '@orderflow/contracts';

writeFileSync(join(import.meta.dirname, '..', 'docs', 'saga.md'), sagaPage());
