import { tableOf } from '../../../ops/src/demo/table.ts';

/** A figure beside its budget. */
export interface Budget {
  readonly what: string;
  readonly measured: string;
  readonly allowed: string;
  readonly isKept: boolean;
}

/** A figure that may be so much at most. */
export const atMost = (what: string, value: number, most: number, unit: string, digits = 0): Budget => ({
  what,
  measured: `${value.toFixed(digits)} ${unit}`,
  allowed: `${most} ${unit}`,
  isKept: value <= most,
});

/** A figure without a budget. */
export const shown = (what: string, value: number, unit: string, digits = 0): Budget => ({
  what,
  measured: `${value.toFixed(digits)} ${unit}`,
  allowed: '',
  isKept: true,
});

export const budgetTable = (budgets: readonly Budget[]): string =>
  tableOf([
    ['figure', 'measured', 'budget', ''],
    ...budgets.map(({ what, measured, allowed, isKept }) => [what, measured, allowed, isKept ? '' : 'exceeded']),
  ]);
