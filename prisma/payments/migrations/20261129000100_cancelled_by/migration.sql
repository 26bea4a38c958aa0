-- Id of the OrderCancelled event, kept while the payment is 'cancelling': the cause of the refund that may follow.
ALTER TABLE payments ADD COLUMN cancelled_by text;
