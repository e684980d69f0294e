-- Sign-in: browser sessions, authorization codes, refresh tokens.
-- Every *_hash is a hash of a random secret; the secrets themselves are nowhere in the store.
-- Times are microseconds since the Unix epoch, UTC.

CREATE TABLE sign_in_sessions (
    token_hash TEXT NOT NULL PRIMARY KEY,
    member_id TEXT NOT NULL,
    signed_in_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sign_in_sessions_expires ON sign_in_sessions (expires_at);

CREATE TABLE authorization_codes (
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
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX authorization_codes_expires ON authorization_codes (expires_at);
CREATE INDEX authorization_codes_session ON authorization_codes (session_hash);

CREATE TABLE refresh_families (
    id TEXT NOT NULL PRIMARY KEY,
    member_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    session_hash TEXT,
    scope TEXT NOT NULL,
    signed_in_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX refresh_families_session ON refresh_families (session_hash);
CREATE INDEX refresh_families_expires ON refresh_families (expires_at);

CREATE TABLE refresh_tokens (
    token_hash TEXT NOT NULL PRIMARY KEY,
    family_id TEXT NOT NULL REFERENCES refresh_families (id) ON DELETE CASCADE,
    issued_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
