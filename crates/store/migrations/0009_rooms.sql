-- Rooms and their people. A deleted room keeps its row until it is swept, so that a repeated creation finds its id taken.
CREATE TABLE rooms (
    id TEXT NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_until BIGINT NOT NULL,
    pstn_dial_out BIGINT NOT NULL,
    -- Position of the next person; grows only. Every change of people writes it first, which makes changes of one room follow each other.
    next_position BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX rooms_by_creation ON rooms (created_at, id);
CREATE INDEX rooms_deleted ON rooms (deleted_at);

CREATE TABLE room_people (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    raw_id TEXT NOT NULL,
    role TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (room_id, raw_id)
);
CREATE UNIQUE INDEX room_people_by_position ON room_people (room_id, position);
