-- Names as the code has them, and what a parked record is, apart from the sentence that says so to a person: the same text in
-- each service, compared by a test.

ALTER TABLE outbox RENAME COLUMN set_aside_at TO rejected_at;
ALTER TABLE outbox RENAME COLUMN set_aside_why TO rejected_reason;
ALTER INDEX outbox_set_aside RENAME TO outbox_rejected;

ALTER TABLE outside_calls RENAME TO external_calls;
ALTER TABLE external_calls RENAME CONSTRAINT outside_calls_pkey TO external_calls_pkey;
ALTER TABLE external_calls RENAME COLUMN cause TO context;
ALTER INDEX outside_calls_due RENAME TO external_calls_due;
ALTER TABLE deadlines RENAME COLUMN cause TO context;

ALTER TABLE letter_actions RENAME TO operator_actions;
ALTER TABLE operator_actions RENAME CONSTRAINT letter_actions_pkey TO operator_actions_pkey;
ALTER TABLE operator_actions RENAME COLUMN letter_id TO parked_id;
ALTER TABLE operator_actions RENAME COLUMN letter TO parked;
ALTER INDEX letter_actions_letter RENAME TO operator_actions_parked;
ALTER INDEX letter_actions_discarded RENAME TO operator_actions_discarded;

-- undecodable, refused by the handler, or blocked by an earlier record of the same subject
ALTER TABLE parked ADD COLUMN kind text NOT NULL DEFAULT 'refused' CHECK (kind IN ('undecodable', 'refused', 'blocked'));
UPDATE parked SET kind = 'blocked' WHERE reason = 'waits behind an earlier one';
ALTER TABLE parked ALTER COLUMN kind DROP DEFAULT;
