-- What was said in held meetings while it was written down.
CREATE TABLE transcript_lines (
    thread_id TEXT NOT NULL,
    held_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    raw_id TEXT NOT NULL,
    display_name TEXT NOT NULL,
    language TEXT NOT NULL,
    said TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    PRIMARY KEY (thread_id, held_id, place)
);
