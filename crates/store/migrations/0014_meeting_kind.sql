-- Whether a meeting belongs to a series of events (1); null means that it does not. And from an event to its meeting and back:
-- an event whose meeting was deleted carries none.
ALTER TABLE meetings ADD COLUMN recurring BIGINT;
UPDATE meetings SET recurring = 1
    WHERE thread_id IN (SELECT meeting_thread FROM calendar_events WHERE until_at > ends_at);
UPDATE calendar_events SET meeting_thread = NULL
    WHERE cancelled_at IS NULL AND meeting_thread IN (SELECT thread_id FROM meetings WHERE deleted_at IS NOT NULL);
CREATE UNIQUE INDEX calendar_events_by_meeting ON calendar_events (meeting_thread) WHERE meeting_thread IS NOT NULL;
