//! What the handle asks of the shard, and where it waits.
//!
//! Every peer that the shard holds, or is about to answer, has one box. A box holds at most one offer and the newest word of
//! each other kind, so what waits is bounded without anything being lost or anybody waiting: there are at most as many boxes
//! as the engine takes peers, [`WAITING_OFFERS`] and the one in hand. Full therefore concerns offers only: one beyond
//! [`WAITING_OFFERS`], or a second one of a peer whose first waits, is refused as busy. A removal takes back the offer that
//! waits. Words for a peer without a box are ignored: there is nothing to apply them to.
//!
//! Invariants: the words of one peer are carried out in the order they were said; the lock is held for moves only.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::api::{Answer, Declared, Offer, OfferError, PeerId, PublicationId, RoomId, Want};

/// Offers that wait. At their share of the shard's time this is a wait of about a second.
const WAITING_OFFERS: usize = 64;
/// Gates of one peer between two declarations. A peer publishes four media; more than this names none of them.
const MOST_GATES: usize = 64;

/// An offer and who waits for its answer.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) room: RoomId,
    pub(crate) offer: Offer,
    pub(crate) reply: oneshot::Sender<Result<Answer, OfferError>>,
    /// What was said of the peer before it offered.
    pub(crate) before: Words,
}

/// The newest words about one peer.
#[derive(Debug, Default)]
pub(crate) struct Words {
    /// It is to be removed; said before everything else here.
    pub(crate) removed: bool,
    pub(crate) declared: Option<Vec<Declared>>,
    /// Gates set after the declaration.
    pub(crate) gates: BTreeMap<PublicationId, bool>,
    pub(crate) wants: Option<Vec<Want>>,
}

#[derive(Debug, Default)]
struct PeerBox {
    offer: Option<Asked>,
    /// Said after the offer that waits, if one does.
    words: Words,
    /// Whether it stands in the line of words.
    in_line: bool,
    /// Whether its offer is being answered.
    in_hand: bool,
}

#[derive(Debug, Default)]
struct Waiting {
    boxes: HashMap<PeerId, PeerBox>,
    /// Peers whose offer waits, in turn.
    offers: VecDeque<PeerId>,
    /// Peers with words, in turn. The box may be gone.
    words: VecDeque<PeerId>,
    stopped: bool,
}

/// The asking end; wakes the shard.
#[derive(Debug)]
pub(crate) struct Commands {
    waiting: Arc<Mutex<Waiting>>,
    waker: mio::Waker,
}

/// The shard's end. Without it everything is refused.
#[derive(Debug)]
pub(crate) struct Inbox(Arc<Mutex<Waiting>>);

fn lock(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Commands {
    pub(crate) fn new(waker: mio::Waker) -> (Self, Inbox) {
        let waiting = Arc::new(Mutex::new(Waiting::default()));
        let inbox = Inbox(Arc::clone(&waiting));
        (Self { waiting, waker }, inbox)
    }

    /// Hands over an offer, or says why not.
    pub(crate) fn offer(&self, room: RoomId, peer: PeerId, offer: Offer) -> Result<oneshot::Receiver<Result<Answer, OfferError>>, OfferError> {
        let (reply, answer) = oneshot::channel();
        {
            let mut waiting = lock(&self.waiting);
            if waiting.stopped {
                return Err(OfferError::Stopped);
            }
            let second = waiting.boxes.get(&peer).is_some_and(|own| own.offer.is_some());
            if second || waiting.offers.len() >= WAITING_OFFERS {
                return Err(OfferError::Busy);
            }
            let own = waiting.boxes.entry(peer).or_default();
            let before = std::mem::take(&mut own.words);
            own.offer = Some(Asked { room, offer, reply, before });
            waiting.offers.push_back(peer);
        }
        self.wake();
        Ok(answer)
    }

    pub(crate) fn declare(&self, peer: PeerId, publications: Vec<Declared>) {
        self.say(peer, |words| {
            words.declared = Some(publications);
            words.gates.clear();
        });
    }

    pub(crate) fn set_open(&self, peer: PeerId, publication: PublicationId, open: bool) {
        self.say(peer, |words| {
            if words.gates.len() < MOST_GATES || words.gates.contains_key(&publication) {
                words.gates.insert(publication, open);
            }
        });
    }

    pub(crate) fn subscribe(&self, peer: PeerId, wants: Vec<Want>) {
        self.say(peer, |words| words.wants = Some(wants));
    }

    pub(crate) fn remove(&self, peer: PeerId) {
        let taken_back = self.say(peer, |words| {
            *words = Words {
                removed: true,
                ..Words::default()
            };
        });
        if let Some(asked) = taken_back {
            // Whoever asked may no longer wait.
            let _ = asked.reply.send(Err(OfferError::Removed));
        }
    }

    pub(crate) fn stop(&self) {
        lock(&self.waiting).stopped = true;
        self.wake();
    }

    /// Adds to the words of a peer. Gives the offer that a removal took back.
    fn say(&self, peer: PeerId, say: impl FnOnce(&mut Words)) -> Option<Asked> {
        let mut guard = lock(&self.waiting);
        let waiting = &mut *guard;
        let own = waiting.boxes.get_mut(&peer)?;
        say(&mut own.words);
        let taken_back = own.offer.take_if(|_| own.words.removed);
        if taken_back.is_some() {
            waiting.offers.retain(|other| *other != peer);
        }
        if own.offer.is_none() && !std::mem::replace(&mut own.in_line, true) {
            waiting.words.push_back(peer);
        }
        drop(guard);
        self.wake();
        taken_back
    }

    fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            tracing::debug!(%error, "the media thread could not be woken; it will look by itself");
        }
    }
}

impl Inbox {
    /// Words that wait, at most this many peers'. Nothing when the shard is to stop.
    pub(crate) fn words(&self, most: usize) -> Option<Vec<(PeerId, Words)>> {
        let mut guard = lock(&self.0);
        let waiting = &mut *guard;
        if waiting.stopped {
            return None;
        }
        let next = waiting.words.len().min(most);
        let mut said = Vec::with_capacity(next);
        for peer in waiting.words.drain(..next) {
            let Some(own) = waiting.boxes.get_mut(&peer) else { continue };
            own.in_line = false;
            // What was said since an offer waits for it.
            if own.offer.is_none() {
                said.push((peer, std::mem::take(&mut own.words)));
            }
        }
        Some(said)
    }

    /// The next offer; [`Inbox::answered`] follows.
    pub(crate) fn offer(&self) -> Option<(PeerId, Asked)> {
        let mut guard = lock(&self.0);
        let waiting = &mut *guard;
        let peer = waiting.offers.pop_front()?;
        let own = waiting.boxes.get_mut(&peer)?;
        let asked = own.offer.take()?;
        own.in_hand = true;
        Some((peer, asked))
    }

    /// The offer in hand was answered, and whether the shard holds the peer now. What was said since is in line then.
    pub(crate) fn answered(&self, peer: PeerId, held: bool) {
        let mut guard = lock(&self.0);
        let waiting = &mut *guard;
        let Some(own) = waiting.boxes.get_mut(&peer) else { return };
        own.in_hand = false;
        if !held && own.offer.is_none() {
            waiting.boxes.remove(&peer);
        } else if !std::mem::replace(&mut own.in_line, true) {
            waiting.words.push_back(peer);
        }
    }

    /// Whether anything waits.
    pub(crate) fn is_waiting(&self) -> bool {
        let waiting = lock(&self.0);
        waiting.stopped || !waiting.words.is_empty() || !waiting.offers.is_empty()
    }

    /// The shard holds the peer no longer: its box goes, unless it offers anew.
    pub(crate) fn gone(&self, peer: PeerId) {
        let mut waiting = lock(&self.0);
        if waiting.boxes.get(&peer).is_some_and(|own| own.offer.is_none() && !own.in_hand) {
            waiting.boxes.remove(&peer);
        }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        let mut waiting = lock(&self.0);
        waiting.stopped = true;
        // Those who wait for an answer learn it by the end of their channel.
        waiting.boxes.clear();
    }
}
