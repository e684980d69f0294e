//! What can go wrong for a caller of this SDK.

/// Why something could not be done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallingError {
    /// The URL of the server is not usable.
    #[error("{url} is not a ws:// or wss:// URL: {detail}")]
    Url {
        /// As given.
        url: String,
        /// What is wrong.
        detail: String,
    },
    /// The token carries no server address and none was given.
    #[error("the token names no server (claim anteroomSignal); give the signalling URL explicitly")]
    NoServer,
    /// The server could not be reached.
    #[error("cannot reach {url}: {detail}")]
    Connect {
        /// The server.
        url: String,
        /// What happened.
        detail: String,
    },
    /// A certificate authority could not be used.
    #[error("a given certificate authority cannot be used: {0}")]
    Authority(String),
    /// The server refused; says why and who can mend it.
    #[error("{} ({}/{} {})", .0.message, .0.code, .0.sub_code, .0.name)]
    Refused(Box<wire::Refusal>),
    /// The connection is gone; connect again.
    #[error("the connection to the server is gone: {0}")]
    Disconnected(String),
    /// The server said something that this version does not understand.
    #[error("the server broke the protocol: {0}")]
    Protocol(String),
    /// The server did not answer in time.
    #[error("the server did not answer within {seconds} s")]
    Timeout {
        /// How long was waited.
        seconds: u64,
    },
    /// The call is over.
    #[error("the call is over")]
    Ended,
    /// Media could not be set up.
    #[error("media cannot be set up: {0}")]
    Media(String),
    /// A media file is not what this SDK reads.
    #[error("cannot use this media file: {0}")]
    Clip(String),
}

impl From<wire::Refusal> for CallingError {
    fn from(refusal: wire::Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}
