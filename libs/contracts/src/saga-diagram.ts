import { eventSchemas } from './events.js';
import { orderSaga, type SagaStep } from './order-saga.js';
import { eventsInto } from './saga-parts.js';

/** `docs/saga.md`: the saga as a diagram and as a table. A test fails when the file differs from this text. */
export function sagaPage(): string {
  const steps: readonly SagaStep[] = orderSaga;
  return [
    '# The saga',
    '',
    '<!-- Written by `npm run docs:saga` from libs/contracts/src/order-saga.ts. -->',
    '',
    '```mermaid',
    'flowchart LR',
    ...new Set(steps.flatMap(arrowsOf)),
    '```',
    '',
    '| on | at | publishes | owed | compensates |',
    '| --- | --- | --- | --- | --- |',
    ...steps.map(rowOf),
    '',
  ].join('\n');
}

function rowOf(step: SagaStep): string {
  const on = 'trigger' in step ? step.trigger : eventsInto(step).map(code).join(' and ');
  const publishes = step.publishes.map(code).join(' or ') || '(changes its own state only)';
  return `| ${on} | ${step.at} | ${publishes} | ${owedOf(step)} | ${step.compensates ? code(step.compensates) : ''} |`;
}

function owedOf({ owed }: SagaStep): string {
  if (owed === undefined || owed === 'always') return owed ?? '';
  return 'if' in owed ? `if ${code(owed.if)}` : `unless ${code(owed.unless)}`;
}

/** An arrow from the service that publishes to the one that consumes; dotted where the step compensates. */
function arrowsOf(step: SagaStep): string[] {
  const { at, compensates } = step;
  if ('trigger' in step)
    return [`  ${step.trigger.toLowerCase().replace(/[^a-z]+/g, '_')}(["${step.trigger}"]) --> ${at}`];
  const [start, end] = compensates ? ['-.', '.->'] : ['--', '-->'];
  return eventsInto(step).map((type) => `  ${eventSchemas[type].owner} ${start} ${type} ${end} ${at}`);
}

const code = (text: string): string => `\`${text}\``;
