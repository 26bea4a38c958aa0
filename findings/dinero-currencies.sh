#!/usr/bin/env bash
# dinero.js 2.0.2 gives the ariary (MGA) and the ouguiya (MRU) base 5 and exponent 1. ISO 4217 gives both two decimal digits,
# and payment providers send their amounts so. 1,234.50 arrives as 123450 minor units and becomes 24,690 ariary: twenty times
# the amount. Every other active ISO code checked here agrees. Fails when these two follow ISO 4217.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm dinero.js@2.0.2
install_pypi iso4217==1.16.20260101

cat >digits.py <<'PY'
import json
from iso4217 import Currency
print(json.dumps({c.code: c.exponent for c in Currency if c.exponent is not None}))
PY
venv/bin/python digits.py >digits.json

cat >compare.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { dinero, toUnits } from 'dinero.js';
import * as currencies from 'dinero.js/currencies';
const iso = JSON.parse(readFileSync('digits.json', 'utf8'));
const known = Object.values(currencies).filter((it) => it.code in iso);
const differ = known.filter((it) => it.base !== 10 || it.exponent !== iso[it.code]);
for (const { code, base, exponent } of differ) {
  const units = toUnits(dinero({ amount: 123450, currency: currencies[code] })).join(' and ');
  console.log(`${code}: base ${base}, exponent ${exponent}; ISO 4217 has ${iso[code]} digits; 123450 is ${units} in units`);
}
JS

expect node compare.mjs <<'SEEN'
MGA: base 5, exponent 1; ISO 4217 has 2 digits; 123450 is 24690 and 0 in units
MRU: base 5, exponent 1; ISO 4217 has 2 digits; 123450 is 24690 and 0 in units
SEEN
