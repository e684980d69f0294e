-- Calendar events. Columns are what is searched for; details is JSON with the rest, of
-- details_bytes bytes. until_at is the end of the last occurrence, the largest
-- BIGINT for a series without end. meeting_thread names a row of meetings, which may be deleted.

CREATE TABLE calendar_events (
    id TEXT NOT NULL PRIMARY KEY,
    owner_id TEXT NOT NULL REFERENCES members (id),
    transaction_id TEXT,
    ical_uid TEXT NOT NULL UNIQUE,
    subject TEXT,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    cancelled_at BIGINT,
    meeting_thread TEXT,
    details TEXT NOT NULL,
    details_bytes BIGINT NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX calendar_events_by_start ON calendar_events (owner_id, starts_at);
CREATE UNIQUE INDEX calendar_events_transaction ON calendar_events (owner_id, transaction_id)
    WHERE cancelled_at IS NULL AND transaction_id IS NOT NULL;
