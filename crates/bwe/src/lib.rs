//! Congestion control of what the media engine sends to one receiver.
//!
//! Three parts that know nothing of each other and nothing of sockets, streams or RTP:
//! - [`Estimator`]: how many bits per second the path to the receiver carries, from what was sent and what the receiver tells of it;
//! - [`Pacer`]: when the next bytes may leave, so that a key frame does not become a burst;
//! - [`Allocator`]: how the estimate is split over the streams that the receiver watches.
//!
//! Time is an argument everywhere, nothing does IO, and nothing is allocated once the history of an estimator has grown to what its receiver needs.
//!
//! What an engine does for one receiver, from the moment its path is up:
//!
//! ```
//! # use std::time::{Duration, Instant};
//! # use bwe::*;
//! # let now = Instant::now();
//! let mut estimator = Estimator::new(now, Config::default());
//! let mut pacer = Pacer::new(Pacing::default());
//! let mut allocator = Allocator::new(Patience::default());
//! let mut sequence = 0_u64;
//!
//! // For each packet of video; `Wait` puts it into the engine's queue, `Full` drops it and what depends on it.
//! if let Admission::Leave(cluster) = pacer.admit(now, 1_200) {
//!     // The low 16 bits go into the header extension. Every packet with a number is told of: audio, retransmissions and padding too.
//!     estimator.on_sent(now, sequence, 1_200, cluster);
//!     sequence += 1;
//! }
//! // Audio leaves whatever the pace says.
//! let cluster = pacer.pass(now, 120);
//! estimator.on_sent(now, sequence, 120, cluster);
//!
//! // For each feedback: 16 bits of a number, and microseconds of the receiver's clock for what arrived.
//! estimator.on_feedback(now, [(0, Some(5_000_250)), (1, None)]);
//! pacer.set_rate(now, Some(estimator.bitrate()));
//!
//! // Then, and whenever streams, sizes or measured rates change; `audio_bps` is what audio takes.
//! let audio_bps = 48_000;
//! let cameras = [Stream { priority: 1, layers: &[150_000, 500_000, 1_500_000], useful: 2, enough: 0, current: Current::Fresh }];
//! let allocation = allocator.allocate(now, estimator.bitrate().saturating_sub(audio_bps), &cameras);
//! estimator.set_demand(now, allocation.wanted_bps + audio_bps);
//! if let Some(probe) = estimator.poll_probe() {
//!     pacer.start_probe(now, probe);
//! }
//!
//! // One timer for the earliest of the three.
//! let _next = [estimator.poll_timeout().map(|(at, _)| at), pacer.poll_timeout(), allocation.again].into_iter().flatten().min();
//! estimator.handle_timeout(now);
//! // What waited leaves first (`pacer.release`), then what a probe lacks.
//! while let Some(padding) = pacer.padding(now) {
//!     let cluster = pacer.pass(now, padding.packet as usize);
//!     sequence += 1;
//!     estimator.on_sent(now, sequence, padding.packet as usize, cluster);
//! }
//! ```

mod allocate;
mod arrival;
mod config;
mod estimator;
mod history;
mod link;
mod loss;
mod pacer;
mod probe;
mod queue;
mod rate;
mod standing;
mod throughput;
mod trendline;

pub use allocate::{Allocation, Allocator, Current, LAYERS_MAX, OverBudget, Patience, STREAMS_MAX, Stream};
pub use config::{Config, Feedback};
pub use estimator::{Estimator, Limit, Status, Wake};
pub use pacer::{Admission, Pacer, Pacing, Padding};
pub use probe::{Cluster, Probe};
pub use trendline::DelayState;
