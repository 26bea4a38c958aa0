-- The books of the payment provider and the mailbox: witnesses of what really happened outside.

CREATE TABLE charges (
    seq             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    charge_id       text        NOT NULL UNIQUE,
    idempotency_key text        NOT NULL UNIQUE,
    fingerprint     text        NOT NULL,
    order_id        text        NOT NULL,
    amount_minor    bigint      NOT NULL CHECK (amount_minor > 0),
    currency        text        NOT NULL,
    token           text        NOT NULL,
    status          text        NOT NULL CHECK (status IN ('captured', 'declined')),
    decline_code    text,
    refunded_minor  bigint      NOT NULL DEFAULT 0 CHECK (refunded_minor BETWEEN 0 AND amount_minor),
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX charges_of_order ON charges (order_id, seq);

CREATE TABLE refunds (
    refund_id       text        PRIMARY KEY,
    idempotency_key text        NOT NULL UNIQUE,
    fingerprint     text        NOT NULL,
    charge_id       text        NOT NULL REFERENCES charges (charge_id),
    amount_minor    bigint      NOT NULL CHECK (amount_minor > 0),
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE mails (
    seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id  text        NOT NULL UNIQUE,
    order_id    text,
    template    text,
    recipient   text        NOT NULL,
    subject     text        NOT NULL,
    body        text        NOT NULL,
    copies      integer     NOT NULL DEFAULT 1,
    received_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX mails_of_order ON mails (order_id, seq);
