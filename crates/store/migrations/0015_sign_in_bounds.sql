-- What one refresh token may bring, and which families began with a device code.
-- successors: how often the token was exchanged. by_device: 1 when the family began with a device code.

ALTER TABLE refresh_tokens ADD COLUMN successors BIGINT NOT NULL DEFAULT 0;
CREATE INDEX refresh_tokens_used ON refresh_tokens (used_at);
ALTER TABLE refresh_families ADD COLUMN by_device BIGINT NOT NULL DEFAULT 0;
