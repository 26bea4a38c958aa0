export interface Line {
  sku: string;
  quantity: number;
}

/** What a customer posts. */
export interface NewOrder {
  customerId: string;
  email: string;
  currency: string;
  paymentToken: string;
  lines: Line[];
}

export interface PricedLine extends Line {
  unitPriceMinor: number;
}

/** The input of the workflow, which is recorded with it. */
export interface Order extends NewOrder {
  orderId: string;
  totalMinor: number;
  lines: PricedLine[];
}

export type Outcome = 'confirmed' | 'cancelled';
