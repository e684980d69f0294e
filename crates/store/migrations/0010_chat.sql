-- Chat. Times are microseconds since the Unix epoch, UTC; ids of messages are milliseconds.

CREATE TABLE chat_threads (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    topic TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    metadata TEXT NOT NULL,
    -- Days after which the whole thread goes, and when that is; nothing when it stays.
    retention_days BIGINT,
    due_at BIGINT,
    deleted_at BIGINT,
    -- When the last message of a person came; messages of the system do not count.
    last_message_at BIGINT,
    -- What the last message of any kind was given; the next one gets more.
    last_sequence BIGINT NOT NULL,
    last_message_id BIGINT NOT NULL,
    last_created_at BIGINT NOT NULL,
    -- For the thread of a meeting: the revision of the meeting that it follows, and since when the meeting is held.
    meeting_revision BIGINT,
    held_since BIGINT
);
CREATE INDEX chat_threads_due ON chat_threads (due_at);
CREATE INDEX chat_threads_held ON chat_threads (held_since);

CREATE TABLE chat_members (
    thread_id TEXT NOT NULL REFERENCES chat_threads (id),
    raw_id TEXT NOT NULL,
    display_name TEXT,
    share_history BIGINT NOT NULL,
    metadata TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    removed_at BIGINT,
    PRIMARY KEY (thread_id, raw_id)
);
CREATE INDEX chat_members_person ON chat_members (raw_id);

CREATE TABLE chat_messages (
    thread_id TEXT NOT NULL REFERENCES chat_threads (id),
    id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    sender TEXT NOT NULL,
    sender_display_name TEXT,
    content TEXT NOT NULL,
    participants TEXT NOT NULL,
    metadata TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    edited_at BIGINT,
    deleted_at BIGINT,
    PRIMARY KEY (thread_id, id)
);
CREATE UNIQUE INDEX chat_messages_sequence ON chat_messages (thread_id, sequence);

CREATE TABLE chat_receipts (
    thread_id TEXT NOT NULL REFERENCES chat_threads (id),
    reader TEXT NOT NULL,
    message_id BIGINT NOT NULL,
    read_at BIGINT NOT NULL,
    PRIMARY KEY (thread_id, reader)
);
