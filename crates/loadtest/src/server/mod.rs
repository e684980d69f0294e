//! The servers that are loaded: what a person asks of one before media flows.
//!
//! A server stands behind a *host*: a small process that starts it and answers lines of JSON over TCP (`lines`). Servers differ in what is asked, so there
//! are three dialects, each an implementation of [`Target`]:
//! - `slots`: one connection, whose offer has slots for what is received (ours);
//! - `feeds`: one connection for what is sent, offered by the person, and one for what is received, offered by the server;
//! - `parameters`: one connection described by parameters instead of a session description.
//!
//! Hosts say in their first line of output which dialect they speak; see [`Greeting`]. Nothing here waits: [`Target::advance`] takes what has been answered,
//! while the [`Driver`] goes on moving datagrams in between.

mod feeds;
mod lines;
mod parameters;
mod slots;

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::driver::{Driver, ParticipantId};
use crate::participant::{Mode, Send};
use crate::shape::Role;

/// What a host prints when it is ready: one line of JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Greeting {
    /// Where it listens for lines.
    pub listen: SocketAddr,
    /// The process that forwards media: its processor time and memory are measured.
    pub process: u32,
    /// What it speaks.
    pub dialect: Dialect,
    /// What it is, with its version.
    pub name: String,
}

/// What a host is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// See `target/slots.rs`.
    Slots,
    /// See `target/feeds.rs`.
    Feeds,
    /// See `target/parameters.rs`.
    Parameters,
}

/// Somebody who joins.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// Unique in the server; from 1.
    pub number: u32,
    /// Their room.
    pub room: usize,
    /// What they do there.
    pub role: Role,
    /// How many voices and videos they receive at most.
    pub receives: (usize, usize),
    /// Their camera sends three layers; only servers of the dialect `slots` are asked for one of them.
    pub layers: bool,
}

/// What somebody is to receive.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Whose microphones.
    pub voices: Vec<u32>,
    /// Whose cameras.
    pub videos: Vec<u32>,
    /// Pixels in which they are shown.
    pub size: (u32, u32),
}

/// A server, from the side of those who join.
pub trait Target {
    /// Begins to bring somebody in, with what they send.
    ///
    /// # Errors
    /// [`TargetError`], of this person or of earlier ones.
    fn enter(&mut self, driver: &mut Driver, person: &Person) -> Result<(), TargetError>;

    /// Asks that somebody who has entered receives these. Once for each person, when those others send.
    ///
    /// # Errors
    /// [`TargetError`], of this person or of earlier ones.
    fn watch(&mut self, driver: &mut Driver, person: &Person, wanted: &Wanted) -> Result<(), TargetError>;

    /// Takes what the server has answered so far and goes on with it.
    ///
    /// # Errors
    /// [`TargetError`] when the server refused something.
    fn advance(&mut self, driver: &mut Driver) -> Result<(), TargetError>;

    /// Requests that wait for an answer.
    fn waiting(&self) -> usize;

    /// The connection over which somebody sends, and what.
    fn sending(&self, person: u32) -> Option<(ParticipantId, &[Send])>;

    /// The connection over which somebody receives.
    fn receiving(&self, person: u32) -> Option<ParticipantId>;
}

/// Why a server cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The host is gone, or was never there.
    #[error("the host of the server does not answer ({0}); look at what it printed")]
    Host(std::io::Error),
    /// The host refused or could not do what it was asked.
    #[error("the server refused to {asked}: {why}")]
    Refused {
        /// What it was asked, as it is called in its dialect.
        asked: &'static str,
        /// In its words.
        why: String,
    },
    /// An answer without what it should have.
    #[error("an answer of the host has no usable {0}")]
    Answer(&'static str),
    /// A connection could not be made ready.
    #[error("a connection could not be made ready: {0}")]
    Connection(String),
    /// No socket for another participant.
    #[error("no socket for another participant ({0}); raise the limit of open files")]
    Socket(std::io::Error),
}

/// Connects to a host, in its dialect; participants have this address.
///
/// # Errors
/// [`TargetError::Host`].
pub fn connect(listen: SocketAddr, dialect: Dialect, own: IpAddr, mode: Mode) -> Result<Box<dyn Target>, TargetError> {
    Ok(match dialect {
        Dialect::Slots => Box::new(slots::Slots::connect(listen, own, mode)?),
        Dialect::Feeds => Box::new(feeds::Feeds::connect(listen, own, mode)?),
        Dialect::Parameters => Box::new(parameters::Parameters::connect(listen, own, mode)?),
    })
}
