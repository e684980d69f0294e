//! The port through which the server calls somebody else: notification targets, and upstream OpenID providers. Nothing else calls out.
//!
//! The implementation (in `server`) keeps requests from being forged: it resolves the name itself, refuses addresses that are private, loopback,
//! link-local or otherwise special unless the operator allowed them, connects to the very address that it checked, follows no redirect, and bounds
//! time and size.

use async_trait::async_trait;

/// One request to somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundRequest {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Absolute URL, `https` (or `http` where the operator allows the target).
    pub url: String,
    /// Headers; host and length are set by the implementation.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// Whole exchange.
    pub timeout_ms: u64,
    /// Longest answer that is read; a longer one is an error.
    pub max_answer_bytes: usize,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundResponse {
    /// HTTP status.
    pub status: u16,
    /// Media type, as sent.
    pub content_type: Option<String>,
    /// Body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The target is one that may not be called.
    #[error("the address {url} may not be called: {reason}")]
    Forbidden {
        /// Which.
        url: String,
        /// Why.
        reason: String,
    },
    /// It could not be reached, or broke off.
    #[error("{url} could not be reached: {reason}")]
    Unreachable {
        /// Which.
        url: String,
        /// Why.
        reason: String,
    },
    /// It took too long.
    #[error("{url} did not answer in time")]
    TimedOut {
        /// Which.
        url: String,
    },
    /// The answer is longer than allowed.
    #[error("the answer of {url} is too long")]
    TooLong {
        /// Which.
        url: String,
    },
}

/// Calls somebody else.
#[async_trait]
pub trait Outbound: Send + Sync + 'static {
    /// Judges a target without calling it: the URL's form, its scheme, and every address of its name.
    async fn check(&self, url: &str) -> Result<(), OutboundError>;
    /// Carries a request out, after the same judgement.
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError>;
}

/// Calls nobody: for a server that was given no way out.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoOutbound;

#[async_trait]
impl Outbound for NoOutbound {
    async fn check(&self, url: &str) -> Result<(), OutboundError> {
        Err(OutboundError::Forbidden {
            url: url.to_owned(),
            reason: "this server calls nobody".to_owned(),
        })
    }

    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        self.check(&request.url).await.map(|()| OutboundResponse {
            status: 0,
            content_type: None,
            body: Vec::new(),
        })
    }
}
