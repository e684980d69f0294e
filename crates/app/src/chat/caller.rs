//! Who uses chat, proved by a communication token of the person.

use crate::error::TokenError;
use crate::{App, Micros, TokenScope};

/// What a token lets its person do in chat; each contains the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChatAccess {
    /// Take part in threads that they were added to (`chat.join.limited`).
    Limited,
    /// And add and remove others (`chat.join`).
    Join,
    /// And make, change and delete threads (`chat`).
    Full,
}

/// A person who uses chat: facts from a verified token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatCaller {
    /// Raw id.
    pub raw_id: String,
    /// What the token lets them do.
    pub access: ChatAccess,
    /// Name from the directory, for members; nothing for guests and visitors, who name themselves.
    pub display_name: Option<String>,
    /// When the token ends.
    pub expires: Micros,
    /// When the token was issued.
    pub token_issued: Micros,
    /// The application that the token ends with, when it was exchanged for one that an application got.
    pub client_id: Option<String>,
}

impl App {
    /// The person that a communication token stands for, in chat. Call it again with the same token to learn whether it still counts.
    ///
    /// # Errors
    /// Says which check failed; `MissingScope` when the token is good, but not for chat.
    pub async fn chat_caller(&self, jwt: &str) -> Result<ChatCaller, TokenError> {
        let subject = self.communication_subject(jwt).await?;
        let access = subject
            .scopes
            .iter()
            .filter_map(|scope| match TokenScope::parse(scope)? {
                TokenScope::Chat => Some(ChatAccess::Full),
                TokenScope::ChatJoin => Some(ChatAccess::Join),
                TokenScope::ChatJoinLimited => Some(ChatAccess::Limited),
                TokenScope::Voip | TokenScope::VoipJoin => None,
            })
            .max()
            .ok_or(TokenError::MissingScope {
                needed: "chat, chat.join or chat.join.limited",
            })?;
        Ok(ChatCaller {
            raw_id: subject.raw_id,
            access,
            display_name: subject.display_name,
            expires: subject.expires,
            token_issued: subject.token_issued,
            client_id: subject.client_id,
        })
    }
}
