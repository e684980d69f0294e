//! What a run measured, and whether it can be trusted.

use serde::{Deserialize, Serialize};

use crate::measure::Histogram;

/// From this share of its processor on, the generator measures itself.
const BUSY: f64 = 0.8;
/// Others on the machine may use so much of one processor.
const OTHERS: f64 = 0.15;

/// Milliseconds at three places of a distribution.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Half are shorter.
    pub p50: f64,
    /// 99 of 100 are shorter.
    pub p99: f64,
    /// 999 of 1,000 are shorter.
    pub p999: f64,
    /// How many were looked at.
    pub samples: u64,
}

/// What was measured.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    /// Name of the shape.
    pub shape: String,
    /// Its number: rooms or receivers.
    pub count: usize,
    /// Everybody.
    pub people: usize,
    /// Those who receive.
    pub receivers: usize,
    /// Packets a second that receivers should have got.
    pub offered: u64,
    /// Packets a second that receivers got.
    pub delivered: f64,
    /// Part (0 to 1) of the packets that did not come, by gaps in their numbers.
    pub lost: f64,
    /// Processor time of the server for each packet that reached a receiver, microseconds. Work of the kernel for the receiving side is in it, since on one
    /// machine it is done while sending.
    pub server_us: f64,
    /// The same of the kernel's own threads, which nobody is charged for.
    pub softirq_us: f64,
    /// Part of one processor that the server used.
    pub server_busy: f64,
    /// Part of one processor that the generator used.
    pub generator_busy: f64,
    /// Processors that everything else used.
    pub others_busy: f64,
    /// From when its picture begins to be handed to the kernel to the receiving kernel, milliseconds.
    pub latency: Quantiles,
    /// Part of the time that videos stood still.
    pub frozen: f64,
    /// Processor time of the server for one person's joining, milliseconds, until their media path is up.
    pub join_cpu_ms: f64,
    /// From the first request to the media path, milliseconds.
    pub connect: Quantiles,
    /// From the first request to the first packet, milliseconds; only in a storm, where media flows already. Video where there is one.
    pub first_packet: Option<Quantiles>,
    /// Resident memory for each person who joined, kB.
    pub joined_kb: f64,
    /// The same after media flowed.
    pub media_kb: f64,
    /// What full receivers heard and saw; light ones neither hear nor see.
    pub played: Option<Played>,
    /// Datagrams that the generator's kernel did not take.
    pub unsent: u64,
    /// Why these numbers say nothing.
    pub void: Option<String>,
    /// Why these numbers are worth less.
    pub noisy: Option<String>,
}

/// What full receivers heard and saw, by the model of a player in [`crate::quality`]. Shares are from 0 to 1.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Played {
    /// Of the packets of video: did not come at first.
    pub video_lost: f64,
    /// Of these: came after all, because they were asked for again.
    pub repaired: f64,
    /// Of the audio: not there in time.
    pub audio_missing: f64,
    /// Of the audio: not there in time, nor in the packet that follows.
    pub audio_concealed: f64,
    /// Of the time of video: stood still.
    pub frozen: f64,
    /// Frames a second.
    pub frames: f64,
    /// What came to one receiver, kbit/s.
    pub kbit: f64,
}

impl Outcome {
    /// Says what is wrong with the numbers.
    pub(super) fn judge(&mut self) {
        let offered = float(self.offered);
        if self.generator_busy >= BUSY {
            self.void = Some(format!("the generator used {:.0} % of its processor", self.generator_busy * 100.0));
        } else if self.unsent > 0 {
            self.void = Some(format!("the generator could not send {} datagrams", self.unsent));
        } else if self.played.is_none() && self.delivered < 0.5 * offered && self.lost < 0.1 {
            self.void = Some(format!(
                "{:.0} of {offered:.0} packets a second came, and the rest is not missing by its numbers",
                self.delivered
            ));
        }
        if self.others_busy > OTHERS {
            self.noisy = Some(format!("others used {:.2} processors", self.others_busy));
        }
    }
}

impl Quantiles {
    pub(super) fn of(histogram: &Histogram) -> Self {
        let at = |part: f64| histogram.quantile(part).unwrap_or_default().as_secs_f64() * 1e3;
        Self {
            p50: at(0.5),
            p99: at(0.99),
            p999: at(0.999),
            samples: histogram.len(),
        }
    }
}

/// Counts stay far below 2⁵³.
#[expect(clippy::cast_precision_loss)]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}
