-- Answers given again to a repeated request.
CREATE TABLE remembered_answers (
    scope TEXT NOT NULL,
    repeat_key TEXT NOT NULL,
    answer TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (scope, repeat_key)
);
CREATE INDEX remembered_answers_expiry ON remembered_answers (expires_at);
