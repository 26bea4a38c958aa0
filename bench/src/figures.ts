/** By their printed names, which have the unit. */
export type Figures = Readonly<Record<string, number>>;
