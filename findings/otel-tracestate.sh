#!/usr/bin/env bash
# One tracestate header, three readings by OpenTelemetry's own packages: createTraceState of @opentelemetry/api 1.10.0 (marked as
# deprecated), TraceState of @opentelemetry/core 3.1.0 (named as its successor), and opentelemetry-api 1.45.2 for Python.
# - A key given twice: the first value, the last value, and nothing at all.
# - More than 512 characters: nothing, the members that fit, and all of them.
# - More than 32 members: the first 32 in the opposite order, the first 32, and nothing.
# The newest member stands on the left (https://www.w3.org/TR/trace-context/#list), so the second reading of a repeated key
# keeps the older value, and after the first reading of 33 members the oldest one passes for the newest.
# Fails when two of them agree.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm @opentelemetry/api@1.10.0 @opentelemetry/core@3.1.0
install_pypi opentelemetry-api==1.45.2

cat >read.mjs <<'JS'
import { createTraceState } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import { headers, show } from './headers.mjs';
for (const [what, header] of headers) {
  show(what, 'api ', createTraceState(header).serialize());
  show(what, 'core', new TraceState(header).serialize());
}
JS
cat >headers.mjs <<'JS'
const list = (count, value) => Array.from({ length: count }, (_, n) => `k${n}=${value}`).join(',');
export const headers = [['twice', 'foo=1,foo=2'], ['long', list(20, 'x'.repeat(30))], ['many', list(33, '1')]];
export function show(what, reader, read) {
  const members = read === '' ? [] : read.split(',');
  const ends = members.length > 2 ? `${members[0].split('=')[0]} to ${members.at(-1).split('=')[0]}` : members.join(',');
  console.log(`${what.padEnd(5)} ${reader}   | ${members.length} members ${ends}`.trimEnd());
}
JS
cat >read.py <<'PY'
import logging
from opentelemetry.trace.span import TraceState

logging.disable(logging.CRITICAL)


def members(count, value):
    return ",".join(f"k{n}={value}" for n in range(count))


for what, header in [("twice", "foo=1,foo=2"), ("long", members(20, "x" * 30)), ("many", members(33, "1"))]:
    keys = list(TraceState.from_header([header]).keys())
    print(f"{what:5} Python | {len(keys)} members {f'{keys[0]} to {keys[-1]}' if keys else ''}".rstrip())
PY

read_all() { node read.mjs && venv/bin/python read.py; }
expect read_all <<'SEEN'
twice api    | 1 members foo=1
twice core   | 1 members foo=2
long  api    | 0 members
long  core   | 14 members k0 to k13
many  api    | 32 members k31 to k0
many  core   | 32 members k0 to k31
twice Python | 0 members
long  Python | 20 members k0 to k19
many  Python | 0 members
SEEN
