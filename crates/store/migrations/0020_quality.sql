-- How the sessions of held calls went. The call stands in a table of its own, so that lists of calls need not read all sessions.
CREATE TABLE quality_calls (
    held_id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    call_key TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX quality_calls_by_time ON quality_calls (began_at, held_id);
CREATE INDEX quality_calls_by_key ON quality_calls (call_key, began_at);
CREATE INDEX quality_calls_by_update ON quality_calls (updated_at);
CREATE TABLE quality_sessions (
    session TEXT NOT NULL PRIMARY KEY,
    held_id TEXT NOT NULL,
    raw_id TEXT NOT NULL,
    display_name TEXT NOT NULL,
    person TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    connections BIGINT NOT NULL,
    carriers TEXT NOT NULL,
    relayed BIGINT NOT NULL,
    unconnected BIGINT NOT NULL,
    received_packets BIGINT NOT NULL,
    received_bytes BIGINT NOT NULL,
    received_lost BIGINT NOT NULL,
    sent_packets BIGINT NOT NULL,
    sent_bytes BIGINT NOT NULL,
    sent_lost BIGINT NOT NULL,
    round_trip_median BIGINT,
    round_trip_worst BIGINT,
    estimate_lowest BIGINT,
    estimate_median BIGINT,
    repaired BIGINT NOT NULL,
    dropped BIGINT NOT NULL,
    withheld_ms BIGINT NOT NULL,
    width BIGINT,
    height BIGINT,
    samples TEXT NOT NULL
);
CREATE INDEX quality_sessions_by_call ON quality_sessions (held_id, began_at, session);
