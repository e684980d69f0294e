//! Permissions in the words of the people who are asked for them.

use crate::{
    App, links,
    permissions::{
        ARTIFACTS_READ_ALL, CALENDARS_READ, CALENDARS_READ_WRITE, CLIENT_CHAT, CLIENT_CHAT_JOIN, CLIENT_CHAT_JOIN_LIMITED, CLIENT_VOIP,
        CLIENT_VOIP_JOIN, COMMUNICATION_MANAGE, EXTENSION_CALLS, EXTENSION_CHATS, MANAGE_CALLS, MANAGE_CHATS, MEETINGS_READ,
        MEETINGS_READ_WRITE, RECORDINGS_READ_ALL, SETTINGS_READ_WRITE, TRANSCRIPTS_READ_ALL, USER_READ, USER_READ_ALL, USER_READ_BASIC_ALL,
    },
    sign_in::{API, SignInError},
};

/// A permission as the consent page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedPermission {
    /// In the spelling of the registration.
    pub name: String,
    /// What it lets the application do, beginning with a verb.
    pub sentence: String,
}

impl App {
    /// Explains permissions, and what is told of the member, in their order; the identity itself goes without saying.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn explain_permissions(&self, names: &[String]) -> Result<Vec<ExplainedPermission>, SignInError> {
        let mut explained = Vec::with_capacity(names.len());
        for name in names.iter().filter(|name| *name != "openid") {
            let sentence = match sentence(name) {
                Some(sentence) => sentence.to_owned(),
                None => self.explain_exposed(name).await?,
            };
            explained.push(ExplainedPermission {
                name: name.clone(),
                sentence,
            });
        }
        Ok(explained)
    }

    async fn explain_exposed(&self, name: &str) -> Result<String, SignInError> {
        let parts = name.strip_prefix(API).and_then(|rest| rest.split_once('/'));
        let Some((client_id, scope)) = parts.and_then(|(id, scope)| Some((links::parse_guid(id)?, scope))) else {
            return Ok("Use this permission".to_owned());
        };
        let Some(api) = self.store().application(&client_id).await? else {
            return Ok("Use an application that no longer exists".to_owned());
        };
        let described = api.exposed_scopes.iter().find(|exposed| exposed.name == scope);
        Ok(match described.filter(|exposed| !exposed.description.is_empty()) {
            Some(exposed) => format!("{}: {}", api.display_name, exposed.description),
            None => format!("Use {} as you", api.display_name),
        })
    }
}

fn sentence(name: &str) -> Option<&'static str> {
    Some(match name {
        "profile" => "See your name and sign-in name",
        "email" => "See your mail address",
        "offline_access" => "Keep the access that you give it, also while you are away",
        USER_READ => "Read your profile",
        USER_READ_BASIC_ALL => "Read names and mail addresses of everybody in the organisation",
        USER_READ_ALL => "Read the profiles of everybody in the organisation",
        MEETINGS_READ => "Read your meetings",
        MEETINGS_READ_WRITE => "Read, schedule, change and delete your meetings",
        ARTIFACTS_READ_ALL => "Read who took part in your meetings, and when",
        RECORDINGS_READ_ALL => "Read the recordings of your meetings",
        TRANSCRIPTS_READ_ALL => "Read the transcripts of your meetings",
        "VirtualAppointment.Read" => "Read your virtual appointments",
        "VirtualAppointment.ReadWrite" => "Read and change your virtual appointments",
        CALENDARS_READ => "Read your calendar",
        CALENDARS_READ_WRITE => "Read, add, change and delete events in your calendar",
        MANAGE_CALLS | EXTENSION_CALLS | CLIENT_VOIP => "Start and take part in calls as you",
        CLIENT_VOIP_JOIN => "Take part in calls as you",
        MANAGE_CHATS | EXTENSION_CHATS | CLIENT_CHAT => "Start, read and write chats as you",
        CLIENT_CHAT_JOIN => "Read and write chats as you",
        CLIENT_CHAT_JOIN_LIMITED => "Write in chats as you, and read what was written since you joined",
        SETTINGS_READ_WRITE => "Administer the organisation as you",
        COMMUNICATION_MANAGE => "Manage communication identities as you",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::DELEGATED;

    #[test]
    fn every_delegated_permission_has_its_sentence() {
        for permission in DELEGATED {
            assert!(sentence(permission).is_some(), "{permission}");
        }
        assert_eq!(sentence("Everything.All"), None);
    }
}
