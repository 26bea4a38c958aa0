#!/usr/bin/env bash
# express-rate-limit 8.7.5 refuses the second request of 30 s with Retry-After: 30 and one of its header formats.
# ratelimit-header-parser 0.1.0 is the parser of the same maintainers, ratelimit-headers 0.1.0 one for Python.
# - draft-8, the structured fields of the newest draft: the JavaScript parser gives NaN and an Invalid Date, where its README
#   says undefined if there are no headers that it knows, and ignores Retry-After. setTimeout waits 1 ms for NaN.
# - Retry-After and X-RateLimit-Remaining without a reset: the JavaScript parser takes the 30 s for a Unix time, so the reset was
#   in 1970. The Python parser gives no time at all.
# A client that sleeps until the reset calls again at once, and each retry counts against the limit.
# Fails when one of the readings changes.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm express@5.3.0 express-rate-limit@8.7.5 ratelimit-header-parser@0.1.0
install_pypi ratelimit-headers==0.1.0

cat >limit.mjs <<'JS'
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import express from 'express';
import { rateLimit } from 'express-rate-limit';
import { parseRateLimit } from 'ratelimit-header-parser';
const app = express();
for (const format of ['legacy', 'draft-6', 'draft-7', 'draft-8']) {
  const legacyHeaders = format === 'legacy';
  const limiter = rateLimit({ limit: 1, windowMs: 30_000, legacyHeaders, standardHeaders: legacyHeaders ? false : format });
  app.get(`/${format}`, limiter, (request, response) => response.end());
}
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const refusals = [];
for (const format of ['legacy', 'draft-6', 'draft-7', 'draft-8']) {
  const url = `http://127.0.0.1:${server.address().port}/${format}`;
  await fetch(url);
  const { headers } = await fetch(url);
  refusals.push([format, Object.fromEntries(headers)]);
}
server.close();
server.closeAllConnections();
refusals.push(['no reset', { 'x-ratelimit-limit': '1', 'x-ratelimit-remaining': '0', 'retry-after': '30' }]);
writeFileSync('refusals.json', JSON.stringify(refusals));

const wait = (reset) => {
  if (Number.isNaN(reset.getTime())) return 'Invalid Date';
  return Math.abs(reset - Date.now() - 30_000) < 5_000 ? 'in 30 s' : reset.toISOString();
};
for (const [format, headers] of refusals) {
  const { remaining, reset } = parseRateLimit(headers);
  console.log(`${format.padEnd(8)} | JavaScript | remaining ${remaining} | reset ${wait(reset)}`);
}
JS
cat >read.py <<'PY'
import datetime, json
from ratelimit_headers import parse

for format, headers in json.load(open("refusals.json")):
    state = parse(response_headers=headers)
    left = state.reset and (state.reset - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
    reset = "in 30 s" if left and abs(left - 30) < 5 else state.reset
    print(f"{format:8} | Python     | remaining {state.remaining} | reset {reset}")
PY

all() { node limit.mjs && venv/bin/python read.py; }
expect all <<'SEEN'
legacy   | JavaScript | remaining 0 | reset in 30 s
draft-6  | JavaScript | remaining 0 | reset in 30 s
draft-7  | JavaScript | remaining 0 | reset in 30 s
draft-8  | JavaScript | remaining NaN | reset Invalid Date
no reset | JavaScript | remaining 0 | reset 1970-01-01T00:00:30.000Z
legacy   | Python     | remaining 0 | reset in 30 s
draft-6  | Python     | remaining 0 | reset in 30 s
draft-7  | Python     | remaining None | reset in 30 s
draft-8  | Python     | remaining None | reset in 30 s
no reset | Python     | remaining 0 | reset None
SEEN
