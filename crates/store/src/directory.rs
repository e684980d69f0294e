//! Tenant, members, applications.

use app::model::{Application, ApplicationSecret, Member, Tenant};
use app::ports::{DirectoryStore, StoreResult};
use async_trait::async_trait;
use serde::Deserialize;
use sqlx::any::AnyRow;
use sqlx::{Any, Executor, query};

use crate::SqlStore;
use crate::sql::{Read, failed, json};

const TENANT: &str = "tenant";
const MEMBER: &str = "member";
const APPLICATION: &str = "application";

#[async_trait]
impl DirectoryStore for SqlStore {
    async fn tenant(&self) -> StoreResult<Option<Tenant>> {
        let row = query("SELECT * FROM tenants")
            .fetch_optional(&self.reader)
            .await
            .map_err(failed(TENANT))?;
        row.as_ref().map(read_tenant).transpose()
    }

    async fn put_tenant(&self, tenant: &Tenant) -> StoreResult<()> {
        let sql = "INSERT INTO tenants (id, display_name, resource_id, meet_client_id, settings, policy) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name, resource_id = excluded.resource_id, \
             meet_client_id = excluded.meet_client_id, settings = excluded.settings, policy = excluded.policy";
        query(sql)
            .bind(&tenant.id)
            .bind(&tenant.display_name)
            .bind(&tenant.resource_id)
            .bind(&tenant.meet_client_id)
            .bind(json(TENANT, &tenant.settings)?)
            .bind(json(TENANT, &tenant.policy)?)
            .execute(&self.writer)
            .await
            .map_err(failed(TENANT))?;
        Ok(())
    }

    async fn member(&self, id: &str) -> StoreResult<Option<Member>> {
        let row = query("SELECT * FROM members WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.reader)
            .await
            .map_err(failed(MEMBER))?;
        row.as_ref().map(read_member).transpose()
    }

    async fn member_by_upn(&self, upn: &str) -> StoreResult<Option<Member>> {
        let found = query("SELECT * FROM members WHERE upn_key = $1").bind(upn.to_ascii_lowercase());
        found
            .fetch_optional(&self.reader)
            .await
            .map_err(failed(MEMBER))?
            .as_ref()
            .map(read_member)
            .transpose()
    }

    async fn members(&self) -> StoreResult<Vec<Member>> {
        let rows = query("SELECT * FROM members ORDER BY display_name, id")
            .fetch_all(&self.reader)
            .await
            .map_err(failed(MEMBER))?;
        rows.iter().map(read_member).collect()
    }

    async fn put_member(&self, member: &Member) -> StoreResult<()> {
        write_member(&self.writer, member).await
    }

    async fn password_hash(&self, member_id: &str) -> StoreResult<Option<String>> {
        let found = query("SELECT password_hash FROM members WHERE id = $1").bind(member_id);
        let row = found.fetch_optional(&self.reader).await.map_err(failed(MEMBER))?;
        row.as_ref().map_or(Ok(None), |row| Read(row, MEMBER).get("password_hash"))
    }

    async fn set_password_hash(&self, member_id: &str, phc: &str) -> StoreResult<()> {
        let update = query("UPDATE members SET password_hash = $1 WHERE id = $2")
            .bind(phc)
            .bind(member_id);
        update.execute(&self.writer).await.map_err(failed(MEMBER))?;
        Ok(())
    }

    async fn application(&self, client_id: &str) -> StoreResult<Option<Application>> {
        let found = query("SELECT * FROM applications WHERE client_id = $1").bind(client_id);
        found
            .fetch_optional(&self.reader)
            .await
            .map_err(failed(APPLICATION))?
            .as_ref()
            .map(read_application)
            .transpose()
    }

    async fn applications(&self) -> StoreResult<Vec<Application>> {
        let rows = query("SELECT * FROM applications ORDER BY display_name, client_id")
            .fetch_all(&self.reader)
            .await;
        rows.map_err(failed(APPLICATION))?.iter().map(read_application).collect()
    }

    async fn put_application(&self, application: &Application) -> StoreResult<()> {
        let sql = "INSERT INTO applications (client_id, object_id, display_name, secret_hashes, redirect_uris, application_permissions, \
             delegated_permissions, public_client, public_keys, exposed_scopes, tenant_consent) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (client_id) DO UPDATE SET object_id = excluded.object_id, display_name = excluded.display_name, \
             secret_hashes = excluded.secret_hashes, redirect_uris = excluded.redirect_uris, \
             application_permissions = excluded.application_permissions, delegated_permissions = excluded.delegated_permissions, \
             public_client = excluded.public_client, public_keys = excluded.public_keys, exposed_scopes = excluded.exposed_scopes, \
             tenant_consent = excluded.tenant_consent";
        query(sql)
            .bind(&application.client_id)
            .bind(&application.object_id)
            .bind(&application.display_name)
            .bind(json(APPLICATION, &application.secrets)?)
            .bind(json(APPLICATION, &application.redirect_uris)?)
            .bind(json(APPLICATION, &application.application_permissions)?)
            .bind(json(APPLICATION, &application.delegated_permissions)?)
            .bind(i64::from(application.public))
            .bind(json(APPLICATION, &application.keys)?)
            .bind(json(APPLICATION, &application.exposed_scopes)?)
            .bind(json(APPLICATION, &application.tenant_consent)?)
            .execute(&self.writer)
            .await
            .map_err(failed(APPLICATION))?;
        Ok(())
    }
}

/// Creates or replaces a member; also as a part of a transaction.
pub(crate) async fn write_member<'e>(executor: impl Executor<'e, Database = Any>, member: &Member) -> StoreResult<()> {
    let sql = "INSERT INTO members (id, upn, upn_key, display_name, given_name, surname, mail, job_title, mobile_phone, office_location, \
         preferred_language, business_phones, administrator, enabled, guest_of_tenant, tokens_valid_after) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
         ON CONFLICT (id) DO UPDATE SET upn = excluded.upn, upn_key = excluded.upn_key, display_name = excluded.display_name, \
         given_name = excluded.given_name, surname = excluded.surname, mail = excluded.mail, job_title = excluded.job_title, \
         mobile_phone = excluded.mobile_phone, office_location = excluded.office_location, \
         preferred_language = excluded.preferred_language, business_phones = excluded.business_phones, \
         administrator = excluded.administrator, enabled = excluded.enabled, guest_of_tenant = excluded.guest_of_tenant, \
         tokens_valid_after = excluded.tokens_valid_after";
    query(sql)
        .bind(&member.id)
        .bind(&member.user_principal_name)
        .bind(member.user_principal_name.to_ascii_lowercase())
        .bind(&member.display_name)
        .bind(member.given_name.as_deref())
        .bind(member.surname.as_deref())
        .bind(member.mail.as_deref())
        .bind(member.job_title.as_deref())
        .bind(member.mobile_phone.as_deref())
        .bind(member.office_location.as_deref())
        .bind(member.preferred_language.as_deref())
        .bind(json(MEMBER, &member.business_phones)?)
        .bind(i64::from(member.administrator))
        .bind(i64::from(member.enabled))
        .bind(i64::from(member.guest_of_tenant))
        .bind(member.tokens_valid_after)
        .execute(executor)
        .await
        .map_err(failed(MEMBER))?;
    Ok(())
}

fn read_tenant(row: &AnyRow) -> StoreResult<Tenant> {
    let row = Read(row, TENANT);
    Ok(Tenant {
        id: row.get("id")?,
        display_name: row.get("display_name")?,
        resource_id: row.get("resource_id")?,
        meet_client_id: row.get("meet_client_id")?,
        settings: row.json("settings")?,
        policy: row.json("policy")?,
    })
}

fn read_member(row: &AnyRow) -> StoreResult<Member> {
    let row = Read(row, MEMBER);
    Ok(Member {
        id: row.get("id")?,
        user_principal_name: row.get("upn")?,
        display_name: row.get("display_name")?,
        given_name: row.get("given_name")?,
        surname: row.get("surname")?,
        mail: row.get("mail")?,
        job_title: row.get("job_title")?,
        mobile_phone: row.get("mobile_phone")?,
        office_location: row.get("office_location")?,
        preferred_language: row.get("preferred_language")?,
        business_phones: row.json("business_phones")?,
        administrator: row.flag("administrator")?,
        enabled: row.flag("enabled")?,
        guest_of_tenant: row.flag("guest_of_tenant")?,
        tokens_valid_after: row.get("tokens_valid_after")?,
    })
}

/// A secret as the column has it: whole, or the bare hash of a store that is older than migration 7.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenSecret {
    Hash(String),
    Whole(ApplicationSecret),
}

impl WrittenSecret {
    fn read(self) -> ApplicationSecret {
        match self {
            // The hash is unique among the secrets of an application, which is all that an id has to be.
            Self::Hash(hash) => ApplicationSecret::from_hash(hash.clone(), hash),
            Self::Whole(secret) => secret,
        }
    }
}

fn read_application(row: &AnyRow) -> StoreResult<Application> {
    let row = Read(row, APPLICATION);
    let secrets: Vec<WrittenSecret> = row.json("secret_hashes")?;
    Ok(Application {
        client_id: row.get("client_id")?,
        object_id: row.get("object_id")?,
        display_name: row.get("display_name")?,
        secrets: secrets.into_iter().map(WrittenSecret::read).collect(),
        keys: row.json("public_keys")?,
        exposed_scopes: row.json("exposed_scopes")?,
        tenant_consent: row.json("tenant_consent")?,
        redirect_uris: row.json("redirect_uris")?,
        application_permissions: row.json("application_permissions")?,
        delegated_permissions: row.json("delegated_permissions")?,
        public: row.flag("public_client")?,
    })
}
