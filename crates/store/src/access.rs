//! Which application may act for which organizer: application access policies, and the groups that they name.

use app::access::AccessStore;
use app::model::{AccessGrant, AccessPolicy, Grantee, Group};
use app::ports::{StoreError, StoreResult};
use async_trait::async_trait;
use sqlx::any::AnyRow;
use sqlx::query;

use crate::SqlStore;
use crate::sql::{Read, failed, json};

const GROUP: &str = "group";
const POLICY: &str = "application access policy";
const GRANT: &str = "application access grant";
const MEMBER_KIND: &str = "member";
const GROUP_KIND: &str = "group";
const GLOBAL_KIND: &str = "global";

#[async_trait]
impl AccessStore for SqlStore {
    async fn put_group(&self, group: &Group) -> StoreResult<()> {
        query(
            "INSERT INTO tenant_groups (id, display_name, description, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name, description = excluded.description",
        )
        .bind(&group.id)
        .bind(&group.display_name)
        .bind(group.description.as_deref())
        .bind(group.created)
        .execute(&self.writer)
        .await
        .map(drop)
        .map_err(failed(GROUP))
    }

    async fn group(&self, id: &str) -> StoreResult<Option<Group>> {
        let found = query("SELECT * FROM tenant_groups WHERE id = $1").bind(id);
        let row = found.fetch_optional(&self.reader).await.map_err(failed(GROUP))?;
        row.as_ref().map(read_group).transpose()
    }

    async fn groups(&self) -> StoreResult<Vec<Group>> {
        let rows = query("SELECT * FROM tenant_groups ORDER BY display_name, id")
            .fetch_all(&self.reader)
            .await;
        rows.map_err(failed(GROUP))?.iter().map(read_group).collect()
    }

    async fn delete_group(&self, id: &str) -> StoreResult<bool> {
        let mut transaction = self.writer.begin().await.map_err(failed(GROUP))?;
        let granted = query("SELECT 1 FROM access_grants WHERE kind = $1 AND grantee_id = $2")
            .bind(GROUP_KIND)
            .bind(id)
            .fetch_optional(&mut *transaction)
            .await
            .map_err(failed(GROUP))?;
        if granted.is_some() {
            return Err(StoreError::Conflict { what: GROUP });
        }
        let done = query("DELETE FROM tenant_groups WHERE id = $1")
            .bind(id)
            .execute(&mut *transaction)
            .await
            .map_err(failed(GROUP))?;
        transaction.commit().await.map_err(failed(GROUP))?;
        Ok(done.rows_affected() == 1)
    }

    async fn add_group_member(&self, group_id: &str, member_id: &str) -> StoreResult<()> {
        query("INSERT INTO tenant_group_members (group_id, member_id) VALUES ($1, $2) ON CONFLICT (group_id, member_id) DO NOTHING")
            .bind(group_id)
            .bind(member_id)
            .execute(&self.writer)
            .await
            .map(drop)
            .map_err(failed(GROUP))
    }

    async fn remove_group_member(&self, group_id: &str, member_id: &str) -> StoreResult<bool> {
        let delete = query("DELETE FROM tenant_group_members WHERE group_id = $1 AND member_id = $2")
            .bind(group_id)
            .bind(member_id);
        Ok(delete.execute(&self.writer).await.map_err(failed(GROUP))?.rows_affected() == 1)
    }

    async fn group_members(&self, group_id: &str) -> StoreResult<Vec<String>> {
        let found = query("SELECT member_id FROM tenant_group_members WHERE group_id = $1 ORDER BY member_id").bind(group_id);
        let rows = found.fetch_all(&self.reader).await.map_err(failed(GROUP))?;
        rows.iter().map(|row| Read(row, GROUP).get("member_id")).collect()
    }

    async fn put_access_policy(&self, policy: &AccessPolicy) -> StoreResult<()> {
        query(
            "INSERT INTO access_policies (id, name, name_key, description, applications, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, description = excluded.description, \
             applications = excluded.applications",
        )
        .bind(&policy.id)
        .bind(&policy.name)
        .bind(policy.name.to_ascii_lowercase())
        .bind(policy.description.as_deref())
        .bind(json(POLICY, &policy.applications)?)
        .bind(policy.created)
        .execute(&self.writer)
        .await
        .map(drop)
        .map_err(failed(POLICY))
    }

    async fn access_policy(&self, id: &str) -> StoreResult<Option<AccessPolicy>> {
        let found = query("SELECT * FROM access_policies WHERE id = $1").bind(id);
        let row = found.fetch_optional(&self.reader).await.map_err(failed(POLICY))?;
        row.as_ref().map(read_policy).transpose()
    }

    async fn access_policies(&self) -> StoreResult<Vec<AccessPolicy>> {
        let rows = query("SELECT * FROM access_policies ORDER BY name_key, id")
            .fetch_all(&self.reader)
            .await;
        rows.map_err(failed(POLICY))?.iter().map(read_policy).collect()
    }

    async fn delete_access_policy(&self, id: &str) -> StoreResult<bool> {
        let mut transaction = self.writer.begin().await.map_err(failed(POLICY))?;
        let granted = query("SELECT 1 FROM access_grants WHERE policy_id = $1")
            .bind(id)
            .fetch_optional(&mut *transaction)
            .await
            .map_err(failed(POLICY))?;
        if granted.is_some() {
            return Err(StoreError::Conflict { what: POLICY });
        }
        let done = query("DELETE FROM access_policies WHERE id = $1")
            .bind(id)
            .execute(&mut *transaction)
            .await
            .map_err(failed(POLICY))?;
        transaction.commit().await.map_err(failed(POLICY))?;
        Ok(done.rows_affected() == 1)
    }

    async fn put_access_grant(&self, grant: &AccessGrant) -> StoreResult<()> {
        let (kind, id) = key(&grant.grantee);
        query(
            "INSERT INTO access_grants (kind, grantee_id, policy_id, place, created_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (kind, grantee_id) DO UPDATE SET policy_id = excluded.policy_id, place = excluded.place, \
             created_at = excluded.created_at",
        )
        .bind(kind)
        .bind(id)
        .bind(&grant.policy_id)
        .bind(grant.rank)
        .bind(grant.created)
        .execute(&self.writer)
        .await
        .map(drop)
        .map_err(failed(GRANT))
    }

    async fn delete_access_grant(&self, grantee: &Grantee) -> StoreResult<bool> {
        let (kind, id) = key(grantee);
        let delete = query("DELETE FROM access_grants WHERE kind = $1 AND grantee_id = $2")
            .bind(kind)
            .bind(id);
        Ok(delete.execute(&self.writer).await.map_err(failed(GRANT))?.rows_affected() == 1)
    }

    async fn access_grants(&self) -> StoreResult<Vec<AccessGrant>> {
        // The kinds happen to be in the order of their names.
        let rows = query("SELECT * FROM access_grants ORDER BY kind, place, grantee_id")
            .fetch_all(&self.reader)
            .await;
        rows.map_err(failed(GRANT))?.iter().map(read_grant).collect()
    }

    async fn effective_access(&self, member_id: &str) -> StoreResult<Option<(AccessGrant, AccessPolicy)>> {
        let sql = "SELECT * FROM access_grants WHERE kind = 'global' OR (kind = 'member' AND grantee_id = $1) \
             OR (kind = 'group' AND grantee_id IN (SELECT group_id FROM tenant_group_members WHERE member_id = $2)) \
             ORDER BY CASE kind WHEN 'member' THEN 0 WHEN 'group' THEN 1 ELSE 2 END, place LIMIT 1";
        let found = query(sql).bind(member_id).bind(member_id);
        let Some(row) = found.fetch_optional(&self.reader).await.map_err(failed(GRANT))? else {
            return Ok(None);
        };
        let grant = read_grant(&row)?;
        // A grant whose policy went away between the two reads is no grant.
        let policy = self.access_policy(&grant.policy_id).await?;
        Ok(policy.map(|policy| (grant, policy)))
    }
}

fn key(grantee: &Grantee) -> (&'static str, &str) {
    match grantee {
        Grantee::Member(id) => (MEMBER_KIND, id),
        Grantee::Group(id) => (GROUP_KIND, id),
        Grantee::Global => (GLOBAL_KIND, ""),
    }
}

fn read_group(row: &AnyRow) -> StoreResult<Group> {
    let row = Read(row, GROUP);
    Ok(Group {
        id: row.get("id")?,
        display_name: row.get("display_name")?,
        description: row.get("description")?,
        created: row.get("created_at")?,
    })
}

fn read_policy(row: &AnyRow) -> StoreResult<AccessPolicy> {
    let row = Read(row, POLICY);
    Ok(AccessPolicy {
        id: row.get("id")?,
        name: row.get("name")?,
        description: row.get("description")?,
        applications: row.json("applications")?,
        created: row.get("created_at")?,
    })
}

fn read_grant(row: &AnyRow) -> StoreResult<AccessGrant> {
    let row = Read(row, GRANT);
    let (kind, id): (String, String) = (row.get("kind")?, row.get("grantee_id")?);
    let grantee = match kind.as_str() {
        MEMBER_KIND => Grantee::Member(id),
        GROUP_KIND => Grantee::Group(id),
        GLOBAL_KIND => Grantee::Global,
        _ => {
            return Err(StoreError::Corrupt {
                what: GRANT,
                reason: format!("kind {kind}"),
            });
        }
    };
    Ok(AccessGrant {
        grantee,
        policy_id: row.get("policy_id")?,
        rank: row.get("place")?,
        created: row.get("created_at")?,
    })
}
