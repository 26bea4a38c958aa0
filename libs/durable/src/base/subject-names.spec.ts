import { describe, expect, it } from '@jest/globals';
import { subjectAttribute, subjectField } from './subject-names.js';

describe('the subject of an event', () => {
  it('is an order in spans and log lines', () => {
    expect(subjectAttribute('OrderPlaced', 'o-1')).toEqual({ 'orderflow.order.id': 'o-1' });
    expect(subjectField('OrderPlaced', 'o-1')).toEqual({ orderId: 'o-1' });
  });

  it('is a SKU where the event is one of a product', () => {
    expect(subjectAttribute('ProductChanged', 'TEA-1')).toEqual({ 'orderflow.product.sku': 'TEA-1' });
    expect(subjectField('ProductChanged', 'TEA-1')).toEqual({ sku: 'TEA-1' });
  });

  it('is an order where the type is not known', () => {
    for (const type of [undefined, 'OrderEaten', 'toString'])
      expect(subjectAttribute(type, 'o-1')).toEqual({ 'orderflow.order.id': 'o-1' });
  });
});
