-- The subset of SQL that SQLite and PostgreSQL share: TEXT and BIGINT only. Times are microseconds since the Unix epoch, booleans 0 or 1,
-- lists and open structures JSON in TEXT.

CREATE TABLE tenants (
    id TEXT NOT NULL PRIMARY KEY,
    only_one BIGINT NOT NULL DEFAULT 1 UNIQUE CHECK (only_one = 1),
    display_name TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    meet_client_id TEXT NOT NULL,
    settings TEXT NOT NULL,
    policy TEXT NOT NULL
);

CREATE TABLE members (
    id TEXT NOT NULL PRIMARY KEY,
    upn TEXT NOT NULL,
    upn_key TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    given_name TEXT,
    surname TEXT,
    mail TEXT,
    job_title TEXT,
    mobile_phone TEXT,
    office_location TEXT,
    preferred_language TEXT,
    business_phones TEXT NOT NULL,
    administrator BIGINT NOT NULL,
    enabled BIGINT NOT NULL,
    guest_of_tenant BIGINT NOT NULL,
    tokens_valid_after BIGINT NOT NULL,
    password_hash TEXT
);

CREATE TABLE applications (
    client_id TEXT NOT NULL PRIMARY KEY,
    object_id TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    secret_hashes TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    application_permissions TEXT NOT NULL,
    delegated_permissions TEXT NOT NULL,
    public_client BIGINT NOT NULL
);

CREATE TABLE meetings (
    thread_id TEXT NOT NULL PRIMARY KEY,
    organizer_id TEXT NOT NULL REFERENCES members (id),
    external_id TEXT,
    subject TEXT,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    join_meeting_id TEXT NOT NULL UNIQUE,
    passcode TEXT,
    options TEXT NOT NULL,
    invitees TEXT NOT NULL,
    extra TEXT NOT NULL,
    revision BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE UNIQUE INDEX meetings_external ON meetings (organizer_id, external_id) WHERE deleted_at IS NULL AND external_id IS NOT NULL;
CREATE INDEX meetings_by_start ON meetings (organizer_id, starts_at);

CREATE TABLE bars (
    thread_id TEXT NOT NULL,
    raw_id TEXT NOT NULL,
    barred_until BIGINT NOT NULL,
    PRIMARY KEY (thread_id, raw_id)
);

CREATE TABLE attendance (
    thread_id TEXT NOT NULL,
    held_id TEXT NOT NULL,
    raw_id TEXT NOT NULL,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL,
    event TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    PRIMARY KEY (thread_id, happened_at, raw_id, event, held_id)
);

CREATE TABLE identities (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    tokens_valid_after BIGINT NOT NULL,
    deleted_at BIGINT
);

CREATE TABLE access_keys (
    name TEXT NOT NULL PRIMARY KEY,
    secret TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    pkcs8 TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE audit (
    happened_at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_by_time ON audit (happened_at);

-- Written by dev mode only.
CREATE TABLE dev_secrets (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
