-- Sign-in: browser sessions, authorization codes, refresh tokens.
-- Every *_hash is a hash of a random secret; the secrets themselves are nowhere in the store.
-- Times are microseconds since the Unix epoch, UTC.

CREATE TABLE sign_in_session (
    token_hash TEXT NOT NULL PRIMARY KEY,
    member_id TEXT NOT NULL,
    signed_in_at BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX sign_in_session_expires ON sign_in_session (expires);

CREATE TABLE authorization_code (
    code_hash TEXT NOT NULL PRIMARY KEY,
    family_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    session_hash TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    nonce TEXT,
    code_challenge TEXT,
    signed_in_at BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX authorization_code_expires ON authorization_code (expires);

CREATE TABLE refresh_family (
    id TEXT NOT NULL PRIMARY KEY,
    member_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    session_hash TEXT,
    scope TEXT NOT NULL,
    signed_in_at BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX refresh_family_session ON refresh_family (session_hash);
CREATE INDEX refresh_family_expires ON refresh_family (expires);

CREATE TABLE refresh_token (
    token_hash TEXT NOT NULL PRIMARY KEY,
    family_id TEXT NOT NULL REFERENCES refresh_family (id) ON DELETE CASCADE,
    issued BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX refresh_token_family ON refresh_token (family_id);
