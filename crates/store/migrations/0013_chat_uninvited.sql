-- Why somebody is out of the chat of a meeting: 1 when the meeting has not invited them (any more), so that an invitation brings them back; 0 when
-- somebody sent them away. Who was out before counts as sent away.

ALTER TABLE chat_members ADD COLUMN uninvited BIGINT NOT NULL DEFAULT 0;
