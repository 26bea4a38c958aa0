/** The id of a customer: in a token, in the body of an order, and in its events. */
export const CUSTOMER_ID = /^[A-Za-z0-9._:-]{1,64}$/;

/** What {@link CUSTOMER_ID} demands, in words. */
export const CUSTOMER_ID_RULE = 'must be 1 to 64 letters, digits or any of . _ : -';
