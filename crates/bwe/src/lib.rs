//! Congestion control of what the media engine sends to one receiver.
//!
//! Three parts that know nothing of each other and nothing of sockets, streams or RTP:
//! - [`Estimator`]: how many bits per second the path to the receiver carries, from what was sent and what the receiver tells of it;
//! - [`Pacer`]: when the next bytes may leave, so that a key frame does not become a burst;
//! - [`Allocator`]: how the estimate is split over the streams that the receiver watches.
//!
//! Time is an argument everywhere, nothing does IO, and nothing is allocated once the history of an estimator has grown to what its receiver needs.
//!
//! One turn of the engine for one receiver:
//! 1. For each packet that leaves: [`Pacer::admit`] (video) or [`Pacer::pass`] (audio), then [`Estimator::on_sent`] with the next transport-wide number.
//! 2. For each feedback: [`Estimator::on_feedback`], then [`Pacer::set_rate`], [`Allocator::allocate`] with the estimate less the audio, and
//!    [`Estimator::set_demand`] with what that allocation would like; [`Estimator::poll_probe`] into [`Pacer::start_probe`].
//! 3. At the earliest of [`Estimator::poll_timeout`], [`Pacer::poll_timeout`] and [`Allocation::again`]: the same with `handle_timeout`.

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
