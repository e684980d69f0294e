//! What we say about what a client publishes: receiver reports, requests for packets and key frames, arrivals. Plain; `send` seals it.

use std::time::{Duration, Instant};

use rtp::NoRoom;
use rtp::rtcp::write::{Compound, nack, pli, receiver_report, receiver_time};
use rtp::rtcp::{Block, MOST_ENTRIES};

use super::Receiver;

/// Between two requests for a packet while the round trip is not known.
const ROUND_TRIP: Duration = Duration::from_millis(100);

/// What a compound is written with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speaker {
    /// The name it goes under.
    pub(crate) name: u32,
    /// To the client and back.
    pub(crate) round_trip: Option<Duration>,
    /// The time as NTP writes it, when the client is to tell by it how far away it is (RFC 3611 §4.4).
    pub(crate) time: Option<u64>,
}

impl Receiver {
    /// When the next turn is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.wake
    }

    /// Whether something is to be written.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.refresh || self.wake.is_some_and(|at| at <= now)
    }

    /// Writes a compound of what is due; what it does not hold stays due. Nothing when there is nothing to say.
    pub(crate) fn write(&mut self, now: Instant, speaker: Speaker, out: &mut [u8]) -> Option<usize> {
        let mut compound = Compound::new(out);
        // What has no room is in the next one.
        let filled = self.fill(now, speaker, &mut compound);
        self.refresh &= filled.is_err();
        self.wake = self.next();
        Some(compound.length()).filter(|length| *length > 0)
    }

    fn fill(&mut self, now: Instant, speaker: Speaker, compound: &mut Compound<'_>) -> Result<(), NoRoom> {
        let (sender, round_trip) = (speaker.name, speaker.round_trip.unwrap_or(ROUND_TRIP));
        let mut blocks = [Block::default(); MOST_ENTRIES];
        let media = self.ssrcs.iter().zip(&mut self.tracks);
        let mut media = media.filter_map(|(ssrc, track)| Some((*ssrc, track.media.as_mut()?)));
        let mut count = 0;
        // The place is asked for first: a report that was made counts as said.
        for place in &mut blocks {
            let due = media.find_map(|(ssrc, media)| media.reception.report(now, ssrc));
            let Some(block) = due else { break };
            *place = block;
            count += 1;
        }
        if let Some(blocks) = blocks.get(..count).filter(|blocks| !blocks.is_empty()) {
            compound.push(|out| receiver_report(out, sender, blocks))?;
            if let Some(time) = speaker.time {
                compound.push(|out| receiver_time(out, sender, time))?;
            }
        }
        for (ssrc, track) in self.ssrcs.iter().zip(&mut self.tracks) {
            let Some(media) = &mut track.media else { continue };
            if media.refresh {
                compound.push(|out| pli(out, sender, *ssrc))?;
                media.refresh = false;
            }
            media.missing.give_up(now);
            let lost = media.missing.due(now).map(|index| (index & 0xffff) as u16);
            compound.push(|out| nack(out, sender, *ssrc, lost))?;
            media.missing.asked(now, round_trip);
        }
        let media = self.heads.first().map_or(0, |head| head.ssrc);
        while self.arrivals.due().is_some_and(|at| at <= now) {
            compound.push(|out| self.arrivals.write(now, sender, media, out))?;
        }
        Ok(())
    }

    /// When something is due next.
    fn next(&self) -> Option<Instant> {
        let media = self.tracks.iter().filter_map(|track| track.media.as_ref());
        let due = media.flat_map(|media| [media.missing.due_at(), media.reception.due()]);
        due.chain([self.arrivals.due()]).flatten().min()
    }
}
