//! Answers and refusals: what each error is called, and who signs.

use crate::message::{Class, Key, Message, Method, Writer, attribute};

/// Why a request is refused (RFC 8489 §14.8, RFC 8656 §19).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    BadRequest,
    Unauthenticated,
    Forbidden,
    UnknownAttribute,
    AllocationMismatch,
    StaleNonce,
    AddressFamilyNotSupported,
    WrongCredentials,
    UnsupportedTransport,
    PeerAddressFamilyMismatch,
    AllocationQuotaReached,
    InsufficientCapacity,
}

impl Code {
    pub(super) fn number(self) -> u16 {
        self.row().0
    }

    pub(super) fn reason(self) -> &'static str {
        self.row().1
    }

    fn row(self) -> (u16, &'static str) {
        match self {
            Self::BadRequest => (400, "Bad Request"),
            Self::Unauthenticated => (401, "Unauthenticated"),
            Self::Forbidden => (403, "Forbidden"),
            Self::UnknownAttribute => (420, "Unknown Attribute"),
            Self::AllocationMismatch => (437, "Allocation Mismatch"),
            Self::StaleNonce => (438, "Stale Nonce"),
            Self::AddressFamilyNotSupported => (440, "Address Family not Supported"),
            Self::WrongCredentials => (441, "Wrong Credentials"),
            Self::UnsupportedTransport => (442, "Unsupported Transport Protocol"),
            Self::PeerAddressFamilyMismatch => (443, "Peer Address Family Mismatch"),
            Self::AllocationQuotaReached => (486, "Allocation Quota Reached"),
            Self::InsufficientCapacity => (508, "Insufficient Capacity"),
        }
    }
}

/// Answers one request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer<'a> {
    request: &'a Message<'a>,
    method: Method,
}

impl<'a> Answer<'a> {
    pub(super) fn new(request: &'a Message<'a>, method: Method) -> Self {
        Self { request, method }
    }

    pub(super) fn success(self) -> Writer {
        Writer::new(Class::Success, self.method, self.request.transaction())
    }

    pub(super) fn error(self, code: Code) -> Writer {
        Writer::new(Class::Error, self.method, self.request.transaction()).error(code.number(), code.reason())
    }

    /// Signs when the client has proved itself, and adds a fingerprint when the request had one.
    pub(super) fn finish(self, answer: Writer, key: Option<&Key>) -> Vec<u8> {
        let answer = match key {
            Some(key) => answer.sign(key),
            None => answer,
        };
        let answer = if self.request.has(attribute::FINGERPRINT) {
            answer.fingerprint()
        } else {
            answer
        };
        answer.finish()
    }
}

/// Attributes that have to be understood and are (RFC 8656 §18 and what proves a request).
const KNOWN: [u16; 16] = [
    attribute::USERNAME,
    attribute::MESSAGE_INTEGRITY,
    attribute::ERROR_CODE,
    attribute::UNKNOWN_ATTRIBUTES,
    attribute::CHANNEL_NUMBER,
    attribute::LIFETIME,
    attribute::XOR_PEER_ADDRESS,
    attribute::DATA,
    attribute::REALM,
    attribute::NONCE,
    attribute::XOR_RELAYED_ADDRESS,
    attribute::REQUESTED_ADDRESS_FAMILY,
    attribute::EVEN_PORT,
    attribute::REQUESTED_TRANSPORT,
    // Nothing is fragmented on the way to an engine in the same process.
    attribute::DONT_FRAGMENT,
    attribute::RESERVATION_TOKEN,
];

/// The types that should have been understood and are not, as UNKNOWN-ATTRIBUTES lists them. Empty when all are.
pub(super) fn unknown_attributes(message: &Message<'_>) -> Vec<u8> {
    message
        .attributes()
        .filter(|attribute| attribute.kind < 0x8000 && !KNOWN.contains(&attribute.kind))
        .flat_map(|attribute| attribute.kind.to_be_bytes())
        .collect()
}
