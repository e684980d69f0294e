-- Upstream OpenID providers, which member is whom there, and sign-ins on their way.
-- A provider's client_secret is in clear: it has to be shown to the provider. All other secrets are hashes.

CREATE TABLE upstream_providers (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    client_secret TEXT,
    rules TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE federation_settings (
    only_one BIGINT NOT NULL PRIMARY KEY CHECK (only_one = 1),
    local_sign_in BIGINT NOT NULL
);

CREATE TABLE federated_identities (
    provider_id TEXT NOT NULL REFERENCES upstream_providers (id),
    subject TEXT NOT NULL,
    member_id TEXT NOT NULL REFERENCES members (id),
    created_here BIGINT NOT NULL,
    linked_at BIGINT NOT NULL,
    last_sign_in_at BIGINT,
    PRIMARY KEY (provider_id, subject)
);
CREATE UNIQUE INDEX federated_identities_member ON federated_identities (member_id, provider_id);

CREATE TABLE federation_attempts (
    state_hash TEXT NOT NULL PRIMARY KEY,
    browser_hash TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    tenant TEXT NOT NULL,
    query TEXT NOT NULL,
    max_age BIGINT,
    begun_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX federation_attempts_expires ON federation_attempts (expires_at);

CREATE TABLE federated_sessions (
    session_hash TEXT NOT NULL PRIMARY KEY,
    provider_id TEXT NOT NULL,
    id_token TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX federated_sessions_expires ON federated_sessions (expires_at);
