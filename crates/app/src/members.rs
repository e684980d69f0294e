//! Members and applications: reading the directory, checking passwords and secrets.

use crate::error::AppError;
use crate::model::{Application, Member};
use crate::permissions::{
    ARTIFACTS_READ_ALL, MEETINGS_READ, MEETINGS_READ_ALL, MEETINGS_READ_WRITE, MEETINGS_READ_WRITE_ALL, RECORDINGS_READ_ALL,
    TRANSCRIPTS_READ_ALL, USER_READ, USER_READ_ALL, USER_READ_BASIC_ALL, VIRTUAL_APPOINTMENT, VIRTUAL_APPOINTMENT_ALL, require,
};
use crate::settings::require_administrator;
use crate::tokens::Caller;
use crate::{App, Change, links, passwords};

/// Permissions, delegated and application, for what is kept of meetings.
const ABOUT_MEETINGS: &[&str] = &[ARTIFACTS_READ_ALL, RECORDINGS_READ_ALL, TRANSCRIPTS_READ_ALL];
/// An object id that no member has.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
const SOMEBODY: AppError = AppError::NotFound { what: "member" };

impl App {
    /// The signed-in member.
    ///
    /// # Errors
    /// `Forbidden` for an application or without `User.Read`.
    pub async fn me(&self, caller: &Caller) -> Result<Member, AppError> {
        require(caller, &[USER_READ, USER_READ_BASIC_ALL, USER_READ_ALL], &[])?;
        match caller {
            Caller::Member { member, .. } => Ok(member.clone()),
            Caller::Application { .. } => Err(AppError::forbidden("/me needs a signed-in member")),
        }
    }

    /// A member by object id or sign-in name. Members may read themselves with `User.Read`.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn member(&self, caller: &Caller, id_or_upn: &str) -> Result<Member, AppError> {
        if let Caller::Member { member, .. } = caller
            && (member.id.eq_ignore_ascii_case(id_or_upn) || member.user_principal_name.eq_ignore_ascii_case(id_or_upn))
        {
            return self.me(caller).await;
        }
        require(caller, &[USER_READ_BASIC_ALL, USER_READ_ALL], &[USER_READ_ALL])?;
        self.find_member(id_or_upn).await?.ok_or(SOMEBODY)
    }

    /// All members.
    ///
    /// # Errors
    /// `Forbidden`.
    pub async fn members(&self, caller: &Caller) -> Result<Vec<Member>, AppError> {
        require(caller, &[USER_READ_BASIC_ALL, USER_READ_ALL], &[USER_READ_ALL])?;
        Ok(self.store().members().await?)
    }

    /// Whether the caller may see more of a member than name and addresses. With `User.ReadBasic.All` alone nobody does, except of themselves.
    #[must_use]
    pub fn sees_full_profile(&self, caller: &Caller, member: &Member) -> bool {
        match caller {
            Caller::Member { member: own, scopes, .. } => {
                let holds = |permission: &str| scopes.iter().any(|scope| scope == permission);
                holds(USER_READ_ALL) || own.id == member.id && holds(USER_READ)
            }
            Caller::Application { .. } => true,
        }
    }

    /// The object id behind `users/{id or sign-in name}` in a path to meetings. What the caller may do there is checked by the use case
    /// that follows; this only demands some permission on meetings, so that nobody can probe the directory. A member learns nothing of
    /// other members here: a name that nobody has gives the object id of nobody, whom no member may act for, just as no other member.
    ///
    /// # Errors
    /// `Forbidden`: without a permission on meetings, or for an application that may not act for this member, who is named as in `id_or_upn`.
    /// `NotFound`, for applications only.
    pub async fn organizer_id(&self, caller: &Caller, id_or_upn: &str) -> Result<String, AppError> {
        let delegated = [&[MEETINGS_READ, MEETINGS_READ_WRITE], ABOUT_MEETINGS, VIRTUAL_APPOINTMENT].concat();
        let application = [
            &[MEETINGS_READ_ALL, MEETINGS_READ_WRITE_ALL],
            ABOUT_MEETINGS,
            VIRTUAL_APPOINTMENT_ALL,
        ]
        .concat();
        require(caller, &delegated, &application)?;
        let found = self.find_member(id_or_upn).await?;
        match caller {
            Caller::Member { .. } => Ok(found.map_or_else(|| NOBODY.to_owned(), |member| member.id)),
            Caller::Application { .. } => {
                let member = found.ok_or(SOMEBODY)?;
                self.require_application_access_as(caller, &member.id, id_or_upn).await?;
                Ok(member.id)
            }
        }
    }

    /// Checks a member's password; nothing when the member is unknown or disabled or the password wrong (in equal time). Throttling is the caller's.
    ///
    /// # Errors
    /// The store or cryptography failed.
    pub async fn verify_password(&self, upn: &str, password: &str) -> Result<Option<Member>, AppError> {
        let member = self.store().member_by_upn(upn).await?;
        let phc = match &member {
            Some(member) => self.store().password_hash(&member.id).await?,
            None => None,
        };
        let fits = self.inner.passwords.verify(password, phc).await?;
        Ok(member.filter(|member| fits && member.enabled))
    }

    /// Sets a member's password. A changed one ends everything that was signed in with the old one; the first has nothing to end.
    ///
    /// # Errors
    /// `InvalidArgument` for a password that is too short or too long; `NotFound`. After a failure of the store, set it again: sessions may be left.
    pub async fn set_password(&self, member_id: &str, password: &str) -> Result<(), AppError> {
        if !(12..=passwords::MAX_PASSWORD).contains(&password.len()) {
            return Err(AppError::invalid("password", "a password has at least 12 and at most 256 bytes"));
        }
        let phc = self.inner.passwords.hash(password, self.random()).await?;
        let first = self.store().password_hash(member_id).await?.is_none();
        self.store().set_password_hash(member_id, &phc).await?;
        if first { Ok(()) } else { self.revoke_member(member_id).await }
    }

    /// Makes every token of a member worthless (sign out everywhere).
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn revoke_member(&self, member_id: &str) -> Result<(), AppError> {
        let _writing = self.inner.writing.lock().await;
        let mut member = self.store().member(member_id).await?.ok_or(SOMEBODY)?;
        member.tokens_valid_after = member.tokens_valid_after.max(self.now() + 1);
        self.store().put_member(&member).await?;
        self.announce(Change::IdentityRevoked { raw_id: member.raw_id() });
        self.note("server", "member.revoked", &member.raw_id(), serde_json::Value::Null)
            .await;
        Ok(())
    }

    /// Lets a member sign in, or keeps them out: who is kept out is out at once, whichever way they came in.
    ///
    /// # Errors
    /// `Forbidden` unless the caller administers; `NotFound`; `InvalidArgument` for the caller themselves, who could not undo it.
    pub async fn set_member_enabled(&self, caller: &Caller, id_or_upn: &str, enabled: bool) -> Result<Member, AppError> {
        require_administrator(caller)?;
        let _writing = self.inner.writing.lock().await;
        let mut member = self.find_member(id_or_upn).await?.ok_or(SOMEBODY)?;
        if !enabled && matches!(caller, Caller::Member { member: own, .. } if own.id == member.id) {
            return Err(AppError::invalid(
                "enabled",
                "administrators do not disable themselves; another one can",
            ));
        }
        if member.enabled == enabled {
            return Ok(member);
        }
        member.enabled = enabled;
        member.tokens_valid_after = member.tokens_valid_after.max(self.now() + 1);
        self.store().put_member(&member).await?;
        self.announce(Change::IdentityRevoked { raw_id: member.raw_id() });
        let action = if enabled { "member.enabled" } else { "member.disabled" };
        self.note(&caller.actor(), action, &member.raw_id(), serde_json::Value::Null).await;
        Ok(member)
    }

    /// An application by client id.
    ///
    /// # Errors
    /// The store failed.
    pub async fn application(&self, client_id: &str) -> Result<Option<Application>, AppError> {
        match links::parse_guid(client_id) {
            Some(client_id) => Ok(self.store().application(&client_id).await?),
            None => Ok(None),
        }
    }

    /// The application, when the secret is one of its secrets.
    ///
    /// # Errors
    /// The store failed.
    pub async fn verify_application_secret(&self, client_id: &str, secret: &str) -> Result<Option<Application>, AppError> {
        let application = self.application(client_id).await?;
        Ok(application.filter(|application| !application.public && application.has_secret(secret, self.now())))
    }

    pub(crate) async fn find_member(&self, id_or_upn: &str) -> Result<Option<Member>, AppError> {
        Ok(match links::parse_guid(id_or_upn) {
            Some(id) => self.store().member(&id).await?,
            None => self.store().member_by_upn(id_or_upn).await?,
        })
    }
}
