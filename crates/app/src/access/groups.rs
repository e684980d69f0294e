//! Groups of members, kept by administrators.

use serde_json::{Value, json};

use super::{GROUP, MEMBER, checked_description, checked_name};
use crate::error::AppError;
use crate::model::{Group, Member};
use crate::ports::StoreError;
use crate::settings::require_administrator;
use crate::tokens::Caller;
use crate::{App, ids, links};

/// When there are as many, no further one is made.
const MAX_GROUPS: usize = 1000;
/// When a group has as many members, no further one is added.
const MAX_MEMBERS: usize = 10_000;

impl App {
    /// All groups by name.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator asks.
    pub async fn groups(&self, caller: &Caller) -> Result<Vec<Group>, AppError> {
        require_administrator(caller)?;
        Ok(self.store().groups().await?)
    }

    /// One group.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn group(&self, caller: &Caller, id: &str) -> Result<Group, AppError> {
        require_administrator(caller)?;
        self.known_group(id).await
    }

    /// Makes a group without members.
    ///
    /// # Errors
    /// `Forbidden` or `InvalidArgument`.
    pub async fn create_group(&self, caller: &Caller, display_name: &str, description: Option<String>) -> Result<Group, AppError> {
        require_administrator(caller)?;
        let group = Group {
            id: ids::guid(self.random()),
            display_name: checked_name("displayName", display_name)?,
            description: checked_description(description)?,
            created: self.now(),
        };
        let _writing = self.inner.writing.lock().await;
        if self.store().groups().await?.len() >= MAX_GROUPS {
            return Err(AppError::invalid("group", format!("a tenant has at most {MAX_GROUPS} groups")));
        }
        self.store().put_group(&group).await?;
        self.note(
            &caller.actor(),
            "group.created",
            &group.id,
            json!({ "displayName": group.display_name }),
        )
        .await;
        Ok(group)
    }

    /// Changes name or description; what is `None` stays.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound` or `InvalidArgument`.
    pub async fn update_group(
        &self,
        caller: &Caller,
        id: &str,
        display_name: Option<&str>,
        description: Option<Option<String>>,
    ) -> Result<Group, AppError> {
        require_administrator(caller)?;
        let _writing = self.inner.writing.lock().await;
        let mut group = self.known_group(id).await?;
        if let Some(name) = display_name {
            group.display_name = checked_name("displayName", name)?;
        }
        if let Some(description) = description {
            group.description = checked_description(description)?;
        }
        self.store().put_group(&group).await?;
        self.note(&caller.actor(), "group.changed", &group.id, Value::Null).await;
        Ok(group)
    }

    /// Deletes a group.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`; `InvalidArgument` while a policy is granted to it.
    pub async fn delete_group(&self, caller: &Caller, id: &str) -> Result<(), AppError> {
        require_administrator(caller)?;
        let _writing = self.inner.writing.lock().await;
        let group = self.known_group(id).await?;
        match self.store().delete_group(&group.id).await {
            Ok(true) => {}
            Ok(false) => return Err(GROUP),
            Err(StoreError::Conflict { .. }) => {
                return Err(AppError::invalid(
                    "group",
                    "a policy is granted to this group; take the grant away first",
                ));
            }
            Err(error) => return Err(error.into()),
        }
        self.note(&caller.actor(), "group.deleted", &group.id, Value::Null).await;
        Ok(())
    }

    /// The members of a group, by object id.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn group_members(&self, caller: &Caller, id: &str) -> Result<Vec<Member>, AppError> {
        require_administrator(caller)?;
        let group = self.known_group(id).await?;
        let ids = self.store().group_members(&group.id).await?;
        let mut members = self.store().members().await?;
        members.retain(|member| ids.binary_search(&member.id).is_ok());
        members.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(members)
    }

    /// Adds a member, by object id or sign-in name; nothing happens when they are in the group.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound` or `InvalidArgument`.
    pub async fn add_group_member(&self, caller: &Caller, id: &str, member: &str) -> Result<(), AppError> {
        require_administrator(caller)?;
        let _writing = self.inner.writing.lock().await;
        let group = self.known_group(id).await?;
        let member = self.find_member(member).await?.ok_or(MEMBER)?;
        let members = self.store().group_members(&group.id).await?;
        if members.len() >= MAX_MEMBERS && members.binary_search(&member.id).is_err() {
            return Err(AppError::invalid("member", format!("a group has at most {MAX_MEMBERS} members")));
        }
        self.store().add_group_member(&group.id, &member.id).await?;
        let detail = json!({ "member": member.id });
        self.note(&caller.actor(), "group.memberAdded", &group.id, detail).await;
        Ok(())
    }

    /// Takes a member out of a group.
    ///
    /// # Errors
    /// `Forbidden`; `NotFound` when there is no such group or they are not in it.
    pub async fn remove_group_member(&self, caller: &Caller, id: &str, member: &str) -> Result<(), AppError> {
        require_administrator(caller)?;
        let group = self.known_group(id).await?;
        let member = self.find_member(member).await?.ok_or(MEMBER)?;
        if !self.store().remove_group_member(&group.id, &member.id).await? {
            return Err(MEMBER);
        }
        let detail = json!({ "member": member.id });
        self.note(&caller.actor(), "group.memberRemoved", &group.id, detail).await;
        Ok(())
    }

    pub(super) async fn known_group(&self, id: &str) -> Result<Group, AppError> {
        let id = links::parse_guid(id).ok_or(GROUP)?;
        self.store().group(&id).await?.ok_or(GROUP)
    }
}
