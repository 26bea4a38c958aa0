-- Calls that were put off: the same text in each service, compared by a test.

-- Whether the other side may yet accept the call, or an operator has to mend something first. Set while it waits for its next
-- attempt and while that is made.
ALTER TABLE external_calls ADD COLUMN waits_for text CHECK (waits_for IN ('other-side', 'operator'));
-- Whether an instance may be making it. An operator settles no such call: its answer could come after the settlement.
ALTER TABLE external_calls ADD COLUMN leased boolean NOT NULL DEFAULT true;
