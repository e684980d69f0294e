//! Native calling SDK: joins meetings as a member or guest over the same protocol as the SDK for the web, sends clips,
//! receives and counts. For bots, tests, load and gateways.
//!
//! ```no_run
//! # async fn example(token: &str, link: String) -> Result<(), calling::CallingError> {
//! use calling::{Client, Clip, Source, Trust};
//! use wire::{Locator, MediaKind};
//!
//! let client = Client::connect(token, &Trust::system()).await?;
//! let call = client.join(Locator::Link { link }, Some("Ada".to_owned()), false).await?;
//! call.publish(MediaKind::Camera, Some(Source::Clip(Clip::test_pattern()?))).await?;
//! call.admitted().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Here: `client` (one identity), `call` (one call), `media` (str0m and clips), `connection` (the WebSocket), `bot`.
//! Not here: decoding. It needs a tokio runtime with time and net.

pub mod bot;
mod call;
mod client;
mod clip;
mod connection;
mod error;
mod media;
pub mod probe;
mod tls;

pub use call::{Call, Phase, View};
pub use client::{Client, signal_url};
pub use clip::{Clip, Frame};
pub use error::CallingError;
pub use media::{ReceiveStats, SlotStats, Source};
pub use tls::Trust;
