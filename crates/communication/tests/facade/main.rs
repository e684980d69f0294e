//! The facade over a real store, asked as a client asks it. Each request goes through the router that the server mounts.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod access;
mod chat;
mod http;
mod identities;
mod limits;
mod realtime;
mod relay;
mod rooms;
mod support;
