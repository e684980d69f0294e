-- Why somebody is barred: 'removed' from the roster or 'denied' in the lobby. Bars of before are taken for removals.

ALTER TABLE bars ADD COLUMN kind TEXT NOT NULL DEFAULT 'removed';
