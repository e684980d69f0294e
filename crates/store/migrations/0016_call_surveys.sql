-- What people thought of calls; one survey a session.
CREATE TABLE call_surveys (
    id TEXT NOT NULL PRIMARY KEY,
    session TEXT NOT NULL UNIQUE,
    raw_id TEXT NOT NULL,
    held_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    call_key TEXT NOT NULL,
    submitted_at BIGINT NOT NULL,
    ratings TEXT NOT NULL
);
CREATE INDEX call_surveys_by_time ON call_surveys (submitted_at, id);
CREATE INDEX call_surveys_by_call ON call_surveys (call_key, submitted_at);
