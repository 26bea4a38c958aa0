#!/usr/bin/env bash
# One saga on four libraries: reserve, charge, ship, each with its compensation. Order 1 succeeds, the shipping of order 2 fails,
# and for order 3 the refund fails too. A saga compensates the steps that are done, from the last to the first, and reports
# both failures.
# - node-sagas 0.0.6 keeps the steps of earlier orders in the saga, although execute takes the order as a parameter. One failure
#   of order 2 refunds it twice and releases its stock twice, and the state is "Compensation complete".
# - node-sagas and saga_py 1.1.0 compensate the failed step too: a parcel that was not sent is recalled.
# - node-sagas and sagah 0.1.0 stop at the first compensation that fails, so the stock stays reserved.
# - simple-saga 0.1.6 goes on, but its caller gets the failure of the step only. SagaError of saga_py is no Exception, so
#   `except Exception` of a consumer does not catch it.
# Fails when one of them changes.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm node-sagas@0.0.6
install_pypi saga_py==1.1.0 sagah==0.1.0 simple-saga==0.1.6

cat >place.mjs <<'JS'
import sagas from 'node-sagas';
const steps = { reserve: 'release', charge: 'refund', ship: 'recall' };
let calls = [];
const call = (name) => (order) => {
  if (order.fails.includes(name)) throw new Error(`${name} ${order.id} fails`);
  calls.push(name);
};
function build() {
  let builder = new sagas.SagaBuilder();
  for (const [step, undo] of Object.entries(steps)) builder = builder.step(step).invoke(call(step)).withCompensation(call(undo));
  return builder.build();
}
const built = build();
async function place(what, saga, order) {
  calls = [];
  const error = await saga.execute(order).then(() => 'none', (raised) => `${raised.constructor.name}: ${raised.message}`);
  console.log(`${what} | order ${order.id} | ${calls.join(' ')} | error ${error} | ${saga.getState()}`);
}
await place('node-sagas, one saga ', built, { id: 1, fails: [] });
await place('node-sagas, one saga ', built, { id: 2, fails: ['ship'] });
await place('node-sagas, new saga ', build(), { id: 2, fails: ['ship'] });
await place('node-sagas, new saga ', build(), { id: 3, fails: ['ship', 'refund'] });
JS
cat >place.py <<'PY'
import asyncio, logging
from saga import SagaBuilder
from sagah import Saga as Sagah
from simple_saga import SyncSaga

logging.disable(logging.CRITICAL)
STEPS = {"reserve": "release", "charge": "refund", "ship": "recall"}


def saga_py(call):
    builder = SagaBuilder.create()
    for step, undo in STEPS.items():
        builder.action(call(step), call(undo))
    builder.build().execute()


def sagah(call):
    async def run():
        with Sagah() as saga:
            for step, undo in STEPS.items():
                await saga.action(call(step), call(undo))

    asyncio.run(run())


def simple_saga(call):
    with SyncSaga() as saga:
        for step, undo in STEPS.items():
            saga.step(call(step), call(undo))


def place(library, order, fails):
    calls = []

    def call(name):
        def action(*_):
            if name in fails:
                raise ValueError(f"{name} {order} fails")
            calls.append(name)

        return action

    try:
        library(call)
        error = "none"
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
    except BaseException as raised:
        error = f"{type(raised).__name__}, no Exception: {raised}"
    print(f"{library.__name__:21} | order {order} | {' '.join(calls)} | error {error}")


for library in (saga_py, sagah, simple_saga):
    place(library, 2, ["ship"])
    place(library, 3, ["ship", "refund"])
PY

all() { node place.mjs && venv/bin/python place.py; }
expect all <<'SEEN'
node-sagas, one saga  | order 1 | reserve charge ship | error none | Complete
node-sagas, one saga  | order 2 | reserve charge recall refund release recall refund release | error SagaExecutionFailed: ship 2 fails | Compensation complete
node-sagas, new saga  | order 2 | reserve charge recall refund release | error SagaExecutionFailed: ship 2 fails | Compensation complete
node-sagas, new saga  | order 3 | reserve charge recall | error SagaCompensationFailed: refund 3 fails | Compensation error
saga_py               | order 2 | reserve charge recall refund release | error SagaError, no Exception: (ValueError('ship 2 fails'), [])
saga_py               | order 3 | reserve charge recall release | error SagaError, no Exception: (ValueError('ship 3 fails'), [ValueError('refund 3 fails')])
sagah                 | order 2 | reserve charge refund release | error SagaFailed: SagaTransaction(name="3")
sagah                 | order 3 | reserve charge | error ValueError: refund 3 fails
simple_saga           | order 2 | reserve charge refund release | error ValueError: ship 2 fails
simple_saga           | order 3 | reserve charge release | error ValueError: ship 3 fails
SEEN
