//! One client: its allocation, from Allocate to the end.
//!
//! Owns the order in which a message is looked at: data first, without the books; then requests. What each request does is in `allocate` and `permit`,
//! what data does in `data`. A session without allocation holds nothing, so one may be made for every message of a stranger and be dropped again.

use std::net::SocketAddr;
use std::time::Instant;

use super::allocate::Allocation;
use super::answer::{Answer, Code, unknown_attributes};
use super::{Client, Now, Office};
use crate::budget::Bucket;
use crate::frame::Packet;
use crate::message::{Class, Message, Method, attribute};

/// What a message of the client asks to be done.
#[derive(Debug)]
pub enum Step<'a> {
    /// Nothing: it was no message, or not allowed.
    Nothing,
    /// This datagram goes to the engine.
    Relay {
        /// The address of the engine that the client means.
        to: SocketAddr,
        /// The datagram.
        datagram: &'a [u8],
    },
    /// To be answered: [`Session::request`].
    Request(Message<'a>),
}

/// One client.
#[derive(Debug)]
pub struct Session {
    pub(super) client: Client,
    pub(super) allocation: Option<Allocation>,
    requests: Option<Bucket>,
}

impl Session {
    /// A client that has nothing yet.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            allocation: None,
            requests: None,
        }
    }

    /// The relayed address, while there is an allocation.
    pub fn relayed(&self) -> Option<SocketAddr> {
        Some(self.allocation.as_ref()?.relayed)
    }

    /// When the allocation ends by itself.
    pub fn poll_timeout(&self) -> Option<Instant> {
        Some(self.allocation.as_ref()?.ends)
    }

    /// Ends the allocation when its time has come.
    pub fn handle_timeout(&mut self, now: Instant, office: &mut Office) {
        if self.poll_timeout().is_some_and(|ends| ends <= now) {
            self.end(office);
        }
    }

    /// Ends the allocation, if there is one. To be called before a session is dropped.
    pub fn end(&mut self, office: &mut Office) {
        if let Some(allocation) = self.allocation.take() {
            office.give_back(allocation.relayed);
        }
    }

    /// Looks at one message of the client: a datagram, or what was cut out of its stream.
    pub fn step<'a>(&self, now: Instant, bytes: &'a [u8]) -> Step<'a> {
        match Packet::of(bytes) {
            None => Step::Nothing,
            Some(Packet::Channel { number, data }) => self.channel_data(now, number, data),
            Some(Packet::Stun(bytes)) => match Message::parse(bytes) {
                Ok(message) => match message.class() {
                    Class::Request => Step::Request(message),
                    Class::Indication => self.send_indication(now, &message),
                    Class::Success | Class::Error => Step::Nothing,
                },
                Err(_) => Step::Nothing,
            },
        }
    }

    /// Answers a request. Nothing when it deserves no answer, or comes too often.
    pub fn request(&mut self, now: Now, office: &mut Office, message: &Message<'_>) -> Option<Vec<u8>> {
        let rate = office.config.requests;
        let bucket = self.requests.get_or_insert_with(|| Bucket::new(rate, now.at));
        if !bucket.take(rate, now.at, 1.0) {
            return None;
        }
        self.handle_timeout(now.at, office);
        let method = message.method()?;
        let answer = Answer::new(message, method);
        match method {
            Method::Binding => return Some(self.binding(answer, message)),
            // Indications; as requests they do not exist.
            Method::Send | Method::Data => return None,
            Method::Allocate | Method::Refresh | Method::CreatePermission | Method::ChannelBind => {}
        }
        let proved = match office.authenticate(now, self.client, message) {
            Ok(proved) => proved,
            Err(code) => {
                let refusal = answer.error(code);
                let refusal = match code {
                    Code::Unauthenticated | Code::StaleNonce => refusal
                        .attribute(attribute::REALM, office.config.realm.as_bytes())
                        .attribute(attribute::NONCE, office.nonces.make(now.at, self.client).as_bytes()),
                    _ => refusal,
                };
                return Some(answer.finish(refusal, None));
            }
        };
        let unknown = unknown_attributes(message);
        if !unknown.is_empty() {
            let refusal = answer
                .error(Code::UnknownAttribute)
                .attribute(attribute::UNKNOWN_ATTRIBUTES, &unknown);
            return Some(answer.finish(refusal, Some(&proved.key)));
        }
        let outcome = match (&self.allocation, method) {
            (_, Method::Allocate) => self.allocate(now, office, answer, message, &proved),
            (None, _) => Err(Code::AllocationMismatch),
            (Some(allocation), _) if allocation.username != proved.username => Err(Code::WrongCredentials),
            (Some(_), Method::Refresh) => self.refresh(now, office, answer, message),
            (Some(_), Method::CreatePermission) => self.create_permission(now.at, office, answer, message),
            (Some(_), Method::ChannelBind) => self.channel_bind(now.at, office, answer, message),
            (Some(_), Method::Binding | Method::Send | Method::Data) => return None,
        };
        let answered = outcome.unwrap_or_else(|code| answer.error(code));
        Some(answer.finish(answered, Some(&proved.key)))
    }

    /// Tells whoever asks where they are seen to be (RFC 8489 §6.3.1); nobody has to prove anything for that.
    fn binding(&self, answer: Answer<'_>, message: &Message<'_>) -> Vec<u8> {
        let unknown = unknown_attributes(message);
        let answered = if unknown.is_empty() {
            answer.success().address(attribute::XOR_MAPPED_ADDRESS, self.client.address)
        } else {
            answer
                .error(Code::UnknownAttribute)
                .attribute(attribute::UNKNOWN_ATTRIBUTES, &unknown)
        };
        answer.finish(answered, None)
    }
}
