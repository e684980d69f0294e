-- Change notifications: what applications want to be told, and what has still to be told.

CREATE TABLE subscriptions (
    id TEXT NOT NULL PRIMARY KEY,
    application_id TEXT NOT NULL,
    creator_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    thread_id TEXT NOT NULL,
    organizer_id TEXT NOT NULL,
    change_type TEXT NOT NULL,
    notification_url TEXT NOT NULL,
    lifecycle_url TEXT,
    client_state TEXT,
    certificate_id TEXT,
    certificate_der TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    reminded_at BIGINT,
    removed_at BIGINT
);
CREATE UNIQUE INDEX subscriptions_one ON subscriptions (application_id, thread_id) WHERE removed_at IS NULL;
CREATE INDEX subscriptions_thread ON subscriptions (thread_id);
CREATE INDEX subscriptions_expiry ON subscriptions (expires_at);

-- One row for each line (channel) of a subscription in which something waits.
CREATE TABLE notification_queues (
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (subscription_id, channel)
);
CREATE INDEX notification_queues_due ON notification_queues (due_at);

CREATE TABLE notifications (
    subscription_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    notice TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (subscription_id, channel, seq),
    FOREIGN KEY (subscription_id, channel) REFERENCES notification_queues (subscription_id, channel) ON DELETE CASCADE
);
