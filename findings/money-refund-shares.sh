#!/usr/bin/env bash
# Shares of a charge, and shares of its refund. js-money 0.6.3 and ts-money 0.4.8 round shares down and hand the rest out cent by
# cent from the first share on, without a look at the sign or at the ratio:
# - -100 in three equal shares is -33, -33, -34, and 100 is 34, 33, 33: charge and refund of the first share differ by a cent.
# - A share with the ratio 0 gets 1 of 5, and of -5 it gets 1 too: who has no part in an order is paid by its refund.
# Each list adds up, so a check of the total sees nothing. dinero.js 2.0.2 mirrors the charge and gives nothing to the ratio 0.
# Fails when js-money or ts-money mirrors a charge, or dinero.js does not.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm js-money@0.6.3 ts-money@0.4.8 dinero.js@2.0.2

cat >shares.mjs <<'JS'
import { allocate, dinero, toSnapshot } from 'dinero.js';
import { EUR } from 'dinero.js/currencies';
import JsMoney from 'js-money';
import { Currencies, Money } from 'ts-money';
const libraries = {
  'js-money': (amount, ratios) => new JsMoney(amount, JsMoney.EUR).allocate(ratios).map((share) => share.amount),
  'ts-money': (amount, ratios) => new Money(amount, Currencies.EUR).allocate(ratios).map((share) => share.amount),
  'dinero.js': (amount, ratios) => allocate(dinero({ amount, currency: EUR }), ratios).map((it) => toSnapshot(it).amount),
};
for (const [amount, ratios] of [[100, [1, 1, 1]], [5, [0, 1, 1]]]) {
  for (const [name, shares] of Object.entries(libraries)) {
    const [charge, refund] = [shares(amount, ratios), shares(-amount, ratios)];
    const left = charge.map((share, n) => share + refund[n]);
    console.log(`${name.padEnd(9)} | ${amount} by ${ratios.join(':')} | charge ${charge} | refund ${refund} | left ${left}`);
  }
}
JS

expect node shares.mjs <<'SEEN'
js-money  | 100 by 1:1:1 | charge 34,33,33 | refund -33,-33,-34 | left 1,0,-1
ts-money  | 100 by 1:1:1 | charge 34,33,33 | refund -33,-33,-34 | left 1,0,-1
dinero.js | 100 by 1:1:1 | charge 34,33,33 | refund -34,-33,-33 | left 0,0,0
js-money  | 5 by 0:1:1 | charge 1,2,2 | refund 1,-3,-3 | left 2,-1,-1
ts-money  | 5 by 0:1:1 | charge 1,2,2 | refund 1,-3,-3 | left 2,-1,-1
dinero.js | 5 by 0:1:1 | charge 0,3,2 | refund 0,-3,-2 | left 0,0,0
SEEN
