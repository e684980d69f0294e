//! The thread that reads offers, so that no description, however long, holds up packets.
//!
//! Reading a description and making a peer of it take milliseconds, for bad ones many. Here both are done on the side; what
//! the shard has left to do is to take the peer in, or to apply a read offer to a peer it holds. One thread: offers are
//! answered in turn, and a flood of them costs one core at most.

use std::time::Instant;

use str0m::IceCreds;
use str0m::config::DtlsCert;

use super::command::{Asked, Offers};
use super::guarded;
use super::mailbox::ShardId;
use crate::peer::{Candidates, Parsed, Peer};

/// What became of an offer.
pub(crate) enum Prepared {
    /// A peer that is not held yet, and its answer.
    New { peer: Box<Peer>, ufrag: String, answer: String },
    /// To be applied to the peer that is held.
    Change(Box<Parsed>),
    /// It cannot be used, and why.
    Unusable(String),
}

/// What peers are made of.
pub(crate) struct Preparer {
    pub(crate) certificate: DtlsCert,
    pub(crate) candidates: Candidates,
    /// In the ICE names it gives out, so that any shard can tell whose packet it sees.
    pub(crate) shard: ShardId,
}

impl Preparer {
    /// Runs until the engine stops.
    pub(crate) fn run(&self, offers: &Offers) {
        while let Some((asked, held)) = offers.next() {
            let prepared = guarded(|| self.prepare(&asked, held && !asked.offer.fresh));
            let unusable = || Prepared::Unusable("it cannot be handled".to_owned());
            offers.prepared(asked, prepared.unwrap_or_else(unusable));
        }
    }

    fn prepare(&self, asked: &Asked, change: bool) -> Prepared {
        self.try_prepare(asked, change).unwrap_or_else(Prepared::Unusable)
    }

    fn try_prepare(&self, asked: &Asked, change: bool) -> Result<Prepared, String> {
        #[cfg(test)]
        crate::defect::at("prepare", asked.offer.sdp.as_bytes());
        let parsed = Parsed::read(&asked.offer.sdp)?;
        let random = IceCreds::new();
        let ufrag = format!("{:02x}{}", self.shard.0, random.ufrag);
        let credentials = IceCreds {
            ufrag: ufrag.clone(),
            pass: random.pass,
        };
        let mut peer = Box::new(Peer::new(Instant::now(), credentials, &self.certificate, &self.candidates));
        // A refused offer may leave a peer half changed. So it is tried on one that nobody uses.
        let answer = peer.offer(parsed)?;
        Ok(if change {
            Prepared::Change(Box::new(Parsed::read(&asked.offer.sdp)?))
        } else {
            Prepared::New { peer, ufrag, answer }
        })
    }
}
