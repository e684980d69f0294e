//! A refusal as the client sees it: code, subcode, sentence, cause, who can mend it, which policy decided.
//! The catalogue of all refusals is in `meeting::refusal`; this is only its shape on the wire.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Who can change what led to the refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum FixableBy {
    /// The person who was refused (for example: correct the passcode).
    You,
    /// The organizer or a co-organizer of the meeting.
    Organizer,
    /// An administrator of the tenant.
    Administrator,
    /// The application that issued the token or drives the SDK.
    Application,
    /// Whoever runs the server.
    Operator,
    /// Nobody: it is final.
    Nobody,
}

/// One refusal. `code` and `sub_code` are the numbers that applications of the calling SDK know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// HTTP-like code (0 for an ordinary end).
    pub code: u32,
    /// Finer code.
    pub sub_code: u32,
    /// Stable name of the catalogue row, for example `anonymousJoinDisabledByPolicy`.
    pub name: String,
    /// One sentence for a person.
    pub message: String,
    /// Why, in one sentence.
    pub cause: String,
    /// Who can mend it.
    pub fixable_by: FixableBy,
    /// Name of the policy or option that decided, when one did (for example `AllowAnonymousUsersToJoinMeeting`).
    pub policy: Option<String>,
}
