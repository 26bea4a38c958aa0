import { type EventType, eventSchemas } from './events.js';
import { type SagaStep, orderSaga } from './order-saga.js';

/** `docs/saga.md`: the saga table as a diagram and as a table for people. A test fails when the file is not this text. */
export function sagaPage(): string {
  const steps: readonly SagaStep[] = orderSaga;
  return [
    '# The saga',
    '',
    '<!-- Written by `npm run docs:saga` from libs/contracts/src/order-saga.ts. -->',
    '',
    '```mermaid',
    'flowchart LR',
    ...new Set(steps.flatMap((step) => arrows(step))),
    '```',
    '',
    '| on | at | publishes | takes back |',
    '| --- | --- | --- | --- |',
    ...steps.map(
      ({ on, at, publishes, compensates }) =>
        `| ${code(on)} | ${at} | ${publishes.map(code).join(' or ') || '(its own state only)'} | ${compensates ? code(compensates) : ''} |`,
    ),
    '',
  ].join('\n');
}

const code = (text: string): string => `\`${text}\``;

/** An arrow for what a service hears and from whom; a dotted one where it takes something back. */
function arrows({ on, at, compensates }: SagaStep): string[] {
  const from = Object.hasOwn(eventSchemas, on) ? eventSchemas[on as EventType].owner : `${slug(on)}(["${on}"])`;
  return [`  ${from} ${compensates ? '-.' : '--'} ${label(on)} ${compensates ? '.->' : '-->'} ${at}`];
}

const label = (on: string): string => (Object.hasOwn(eventSchemas, on) ? on : 'asks');
const slug = (on: string): string => on.toLowerCase().replace(/[^a-z]+/g, '_');
