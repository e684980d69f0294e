-- Applications that prove themselves by a key, that have an API of their own, and that members consent to; device codes.
-- Times are microseconds since the Unix epoch, UTC; lists are JSON in TEXT.

ALTER TABLE applications ADD COLUMN public_keys TEXT NOT NULL DEFAULT '[]';
ALTER TABLE applications ADD COLUMN exposed_scopes TEXT NOT NULL DEFAULT '[]';
ALTER TABLE applications ADD COLUMN tenant_consent TEXT NOT NULL DEFAULT '[]';
-- Until now registering a permission was consenting to it.
UPDATE applications SET tenant_consent = delegated_permissions;

CREATE TABLE consents (
    member_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    permission TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (member_id, client_id, permission)
);
CREATE INDEX consents_client ON consents (client_id);

-- Both codes are kept as hashes. approved_by is empty when the member declined.
CREATE TABLE device_codes (
    device_hash TEXT NOT NULL PRIMARY KEY,
    user_code_hash TEXT NOT NULL UNIQUE,
    client_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    polled_at BIGINT,
    decided_at BIGINT,
    approved_by TEXT,
    signed_in_at BIGINT,
    used_at BIGINT
);
CREATE INDEX device_codes_expires ON device_codes (expires_at);
