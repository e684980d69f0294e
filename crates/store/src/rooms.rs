//! Rooms: who may take part in which role, and from when until when.

use app::Micros;
use app::model::{Room, RoomParticipant, RoomRole};
use app::ports::{StoreError, StoreResult};
use app::rooms::{PeopleChanged, RoomStore};
use async_trait::async_trait;
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction, query};

use crate::SqlStore;
use crate::sql::{Read, failed};

const ROOM: &str = "room";
const PERSON: &str = "participant of a room";

#[async_trait]
impl RoomStore for SqlStore {
    async fn insert_room(&self, room: &Room, people: &[(String, RoomRole)]) -> StoreResult<()> {
        let mut transaction = self.writer.begin().await.map_err(failed(ROOM))?;
        let sql =
            "INSERT INTO rooms (id, created_at, valid_from, valid_until, pstn_dial_out, next_position) VALUES ($1, $2, $3, $4, $5, $6)";
        query(sql)
            .bind(&room.id)
            .bind(room.created)
            .bind(room.valid_from)
            .bind(room.valid_until)
            .bind(i64::from(room.pstn_dial_out))
            .bind(count(people.len()) + 1)
            .execute(&mut *transaction)
            .await
            .map_err(failed(ROOM))?;
        for (index, (raw_id, role)) in people.iter().enumerate() {
            put_person(&mut transaction, &room.id, raw_id, *role, count(index) + 1).await?;
        }
        transaction.commit().await.map_err(failed(ROOM))
    }

    async fn room(&self, id: &str) -> StoreResult<Option<Room>> {
        let found = query("SELECT * FROM rooms WHERE id = $1 AND deleted_at IS NULL")
            .bind(id)
            .fetch_optional(&self.reader)
            .await;
        found.map_err(failed(ROOM))?.as_ref().map(read_room).transpose()
    }

    async fn update_room(&self, before: &Room, after: &Room) -> StoreResult<bool> {
        let sql = "UPDATE rooms SET valid_from = $1, valid_until = $2, pstn_dial_out = $3 \
             WHERE id = $4 AND valid_from = $5 AND valid_until = $6 AND pstn_dial_out = $7 AND deleted_at IS NULL";
        let done = query(sql)
            .bind(after.valid_from)
            .bind(after.valid_until)
            .bind(i64::from(after.pstn_dial_out))
            .bind(&before.id)
            .bind(before.valid_from)
            .bind(before.valid_until)
            .bind(i64::from(before.pstn_dial_out))
            .execute(&self.writer)
            .await
            .map_err(failed(ROOM))?;
        Ok(done.rows_affected() == 1)
    }

    async fn delete_room(&self, id: &str, at: Micros) -> StoreResult<bool> {
        let mut transaction = self.writer.begin().await.map_err(failed(ROOM))?;
        let deleted = query("UPDATE rooms SET deleted_at = $1 WHERE id = $2 AND deleted_at IS NULL")
            .bind(at)
            .bind(id)
            .execute(&mut *transaction)
            .await
            .map_err(failed(ROOM))?
            .rows_affected()
            == 1;
        query("DELETE FROM room_people WHERE room_id = $1")
            .bind(id)
            .execute(&mut *transaction)
            .await
            .map_err(failed(PERSON))?;
        transaction.commit().await.map_err(failed(ROOM))?;
        Ok(deleted)
    }

    async fn rooms_after(&self, after: Option<(Micros, &str)>, top: u32) -> StoreResult<Vec<Room>> {
        let (created, id) = after.unwrap_or((Micros::MAX, ""));
        let sql = "SELECT * FROM rooms WHERE deleted_at IS NULL AND (created_at < $1 OR (created_at = $2 AND id > $3)) \
             ORDER BY created_at DESC, id LIMIT $4";
        let rows = query(sql)
            .bind(created)
            .bind(created)
            .bind(id)
            .bind(i64::from(top))
            .fetch_all(&self.reader)
            .await;
        rows.map_err(failed(ROOM))?.iter().map(read_room).collect()
    }

    async fn change_people(&self, room_id: &str, changes: &[(String, Option<RoomRole>)], at_most: u32) -> StoreResult<PeopleChanged> {
        let mut transaction = self.writer.begin().await.map_err(failed(ROOM))?;
        // First of all, and for every change of this room: the row is locked from here to the commit.
        let reserved = query("UPDATE rooms SET next_position = next_position + $1 WHERE id = $2 AND deleted_at IS NULL")
            .bind(count(changes.len()))
            .bind(room_id)
            .execute(&mut *transaction)
            .await
            .map_err(failed(ROOM))?;
        if reserved.rows_affected() == 0 {
            return Ok(PeopleChanged::NoRoom);
        }
        let before = people_in(&mut transaction, room_id).await?;
        let row = query("SELECT next_position FROM rooms WHERE id = $1")
            .bind(room_id)
            .fetch_one(&mut *transaction)
            .await
            .map_err(failed(ROOM))?;
        let first = Read(&row, ROOM).get::<i64>("next_position")? - count(changes.len());
        for (position, (raw_id, role)) in (first..).zip(changes) {
            match role {
                Some(role) => put_person(&mut transaction, room_id, raw_id, *role, position).await?,
                None => remove_person(&mut transaction, room_id, raw_id).await?,
            }
        }
        let after = people_in(&mut transaction, room_id).await?;
        if after > before && after > i64::from(at_most) {
            // Dropping the transaction takes everything back.
            return Ok(PeopleChanged::TooMany);
        }
        transaction.commit().await.map_err(failed(ROOM))?;
        Ok(PeopleChanged::Done)
    }

    async fn people_after(&self, room_id: &str, position: i64, top: u32) -> StoreResult<Vec<RoomParticipant>> {
        let rows = query("SELECT * FROM room_people WHERE room_id = $1 AND position > $2 ORDER BY position LIMIT $3")
            .bind(room_id)
            .bind(position)
            .bind(i64::from(top))
            .fetch_all(&self.reader)
            .await;
        let read = |row: &AnyRow| {
            Ok(RoomParticipant {
                raw_id: Read(row, PERSON).get("raw_id")?,
                role: read_role(row)?,
                position: Read(row, PERSON).get("position")?,
            })
        };
        rows.map_err(failed(PERSON))?.iter().map(read).collect()
    }

    async fn room_role(&self, room_id: &str, raw_id: &str) -> StoreResult<Option<RoomRole>> {
        let found = query("SELECT role FROM room_people WHERE room_id = $1 AND raw_id = $2")
            .bind(room_id)
            .bind(raw_id)
            .fetch_optional(&self.reader)
            .await;
        found.map_err(failed(PERSON))?.as_ref().map(read_role).transpose()
    }

    async fn sweep_rooms(&self, before: Micros) -> StoreResult<()> {
        let delete = query("DELETE FROM rooms WHERE deleted_at < $1").bind(before);
        delete.execute(&self.writer).await.map(drop).map_err(failed(ROOM))
    }
}

async fn put_person(transaction: &mut Transaction<'_, Any>, room_id: &str, raw_id: &str, role: RoomRole, position: i64) -> StoreResult<()> {
    let sql = "INSERT INTO room_people (room_id, raw_id, role, position) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (room_id, raw_id) DO UPDATE SET role = excluded.role";
    let put = query(sql).bind(room_id).bind(raw_id).bind(role.as_str()).bind(position);
    put.execute(&mut **transaction).await.map(drop).map_err(failed(PERSON))
}

async fn remove_person(transaction: &mut Transaction<'_, Any>, room_id: &str, raw_id: &str) -> StoreResult<()> {
    let delete = query("DELETE FROM room_people WHERE room_id = $1 AND raw_id = $2")
        .bind(room_id)
        .bind(raw_id);
    delete.execute(&mut **transaction).await.map(drop).map_err(failed(PERSON))
}

async fn people_in(transaction: &mut Transaction<'_, Any>, room_id: &str) -> StoreResult<i64> {
    let row = query("SELECT COUNT(*) AS people FROM room_people WHERE room_id = $1")
        .bind(room_id)
        .fetch_one(&mut **transaction)
        .await
        .map_err(failed(PERSON))?;
    Read(&row, PERSON).get("people")
}

/// A length as SQL counts; no list here comes near the limit.
fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX / 2)
}

fn read_room(row: &AnyRow) -> StoreResult<Room> {
    let row = Read(row, ROOM);
    Ok(Room {
        id: row.get("id")?,
        created: row.get("created_at")?,
        valid_from: row.get("valid_from")?,
        valid_until: row.get("valid_until")?,
        pstn_dial_out: row.flag("pstn_dial_out")?,
    })
}

fn read_role(row: &AnyRow) -> StoreResult<RoomRole> {
    let role: String = Read(row, PERSON).get("role")?;
    RoomRole::parse(&role).ok_or_else(|| StoreError::Corrupt {
        what: PERSON,
        reason: format!("role {role}"),
    })
}
