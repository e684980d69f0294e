//! What the handle asks of the shard, and where it waits.
//!
//! Every peer that the shard holds, or is about to answer, has one box. A box holds the newest word of each kind, so what
//! waits is bounded without anything being lost or anybody waiting: there are at most as many boxes as the engine takes
//! peers, [`WAITING_OFFERS`], [`PREPARED_OFFERS`] and the one being prepared. Full therefore concerns offers only: one beyond
//! [`WAITING_OFFERS`], or a second one of a peer whose first is not answered, is refused as busy. A removal takes back the
//! peer's offer. Words for a peer without a box are ignored: there is nothing to apply them to.
//!
//! An offer goes from here to the thread that prepares it (`prepare`), back here, and to the shard. Words about a peer that
//! is held go to the shard at once; words about one that is not wait for its answer. The lock is held for moves only.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::prepare::Prepared;
use crate::api::{Answer, Declared, Offer, OfferError, PeerId, PublicationId, RoomId, VoiceTap, Want};
use crate::capture::HeaderTap;

/// Offers that wait to be prepared, which is a wait of about a second.
const WAITING_OFFERS: usize = 64;
/// Prepared offers that wait for the shard; then preparing pauses.
const PREPARED_OFFERS: usize = 4;
/// Gates of one peer between two declarations. A peer publishes four media; more than this names none of them.
const MOST_GATES: usize = 64;

/// An offer and who waits for its answer.
#[derive(Debug)]
pub(crate) struct Asked {
    number: u64,
    pub(crate) room: RoomId,
    pub(crate) peer: PeerId,
    pub(crate) offer: Offer,
    reply: oneshot::Sender<Result<Answer, OfferError>>,
}

impl Asked {
    pub(crate) fn answer(self, answer: Result<Answer, OfferError>) {
        // Whoever asked may be gone by now; the peer stays until it is removed or silent.
        let _ = self.reply.send(answer);
    }
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
    /// Whether anything is sent to the peer.
    pub(crate) receiving: Option<bool>,
    /// Where the voice goes besides; the inner nothing: nowhere any more.
    pub(crate) tap: Option<Option<VoiceTap>>,
    /// Where headers go; as above.
    pub(crate) capture: Option<Option<HeaderTap>>,
}

#[derive(Default)]
struct PeerBox {
    words: Words,
    /// Whether it stands in the line of words.
    in_line: bool,
    /// Its offer that is not answered.
    offer: Option<u64>,
    /// Whether the shard holds the peer.
    held: bool,
}

#[derive(Default)]
struct Waiting {
    boxes: HashMap<PeerId, PeerBox>,
    /// Peers with words, in turn. The box may be gone.
    words: VecDeque<PeerId>,
    offers: VecDeque<Asked>,
    prepared: VecDeque<(Asked, Prepared)>,
    next: u64,
    stopped: bool,
}

impl Waiting {
    fn line_up(&mut self, peer: PeerId) {
        if let Some(own) = self.boxes.get_mut(&peer)
            && (own.held || own.offer.is_none())
            && !std::mem::replace(&mut own.in_line, true)
        {
            self.words.push_back(peer);
        }
    }
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// There may be something to prepare, and room for it.
    preparing: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The asking end; wakes the shard.
pub(crate) struct Commands {
    shared: Arc<Shared>,
    waker: Arc<mio::Waker>,
}

/// The end of the thread that prepares offers.
pub(crate) struct Offers {
    shared: Arc<Shared>,
    waker: Arc<mio::Waker>,
}

/// The shard's end. Without it everything is refused.
pub(crate) struct Inbox(Arc<Shared>);

impl Commands {
    pub(crate) fn new(waker: Arc<mio::Waker>) -> (Self, Offers, Inbox) {
        let shared = Arc::new(Shared::default());
        let offers = Offers {
            shared: Arc::clone(&shared),
            waker: Arc::clone(&waker),
        };
        let inbox = Inbox(Arc::clone(&shared));
        (Self { shared, waker }, offers, inbox)
    }

    /// Hands over an offer, or says why not.
    pub(crate) fn offer(
        &self,
        room: RoomId,
        peer: PeerId,
        offer: Offer,
    ) -> Result<oneshot::Receiver<Result<Answer, OfferError>>, OfferError> {
        let (reply, answer) = oneshot::channel();
        let mut waiting = self.shared.lock();
        if waiting.stopped {
            return Err(OfferError::Stopped);
        }
        let second = waiting.boxes.get(&peer).is_some_and(|own| own.offer.is_some());
        if second || waiting.offers.len() >= WAITING_OFFERS {
            return Err(OfferError::Busy);
        }
        waiting.next += 1;
        let number = waiting.next;
        waiting.boxes.entry(peer).or_default().offer = Some(number);
        waiting.offers.push_back(Asked {
            number,
            room,
            peer,
            offer,
            reply,
        });
        drop(waiting);
        self.shared.preparing.notify_one();
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

    pub(crate) fn set_receiving(&self, peer: PeerId, receiving: bool) {
        self.say(peer, |words| words.receiving = Some(receiving));
    }

    pub(crate) fn tap(&self, peer: PeerId, tap: Option<VoiceTap>) {
        self.say(peer, |words| words.tap = Some(tap));
    }

    pub(crate) fn capture(&self, peer: PeerId, tap: Option<HeaderTap>) {
        self.say(peer, |words| words.capture = Some(tap));
    }

    pub(crate) fn remove(&self, peer: PeerId) {
        let mut guard = self.shared.lock();
        let waiting = &mut *guard;
        let Some(own) = waiting.boxes.get_mut(&peer) else { return };
        own.words = Words {
            removed: true,
            ..Words::default()
        };
        let taken_back = own.offer.take();
        let position = waiting.offers.iter().position(|asked| Some(asked.number) == taken_back);
        let asked = position.and_then(|position| waiting.offers.remove(position));
        waiting.line_up(peer);
        drop(guard);
        self.wake();
        if let Some(asked) = asked {
            asked.answer(Err(OfferError::Removed));
        }
    }

    pub(crate) fn stop(&self) {
        self.shared.lock().stopped = true;
        self.shared.preparing.notify_all();
        self.wake();
    }

    fn say(&self, peer: PeerId, say: impl FnOnce(&mut Words)) {
        let mut waiting = self.shared.lock();
        let Some(own) = waiting.boxes.get_mut(&peer) else { return };
        say(&mut own.words);
        waiting.line_up(peer);
        drop(waiting);
        self.wake();
    }

    fn wake(&self) {
        wake(&self.waker);
    }
}

fn wake(waker: &mio::Waker) {
    if let Err(error) = waker.wake() {
        tracing::debug!(%error, "the media thread could not be woken; it will look by itself");
    }
}

impl Offers {
    /// The next offer to prepare, and whether its peer is held; waits for it. Nothing when the engine stops.
    pub(crate) fn next(&self) -> Option<(Asked, bool)> {
        let mut waiting = self.shared.lock();
        loop {
            if waiting.stopped {
                return None;
            }
            if waiting.prepared.len() < PREPARED_OFFERS
                && let Some(asked) = waiting.offers.pop_front()
            {
                let held = waiting.boxes.get(&asked.peer).is_some_and(|own| own.held);
                return Some((asked, held));
            }
            waiting = self.shared.preparing.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Hands it on to the shard.
    pub(crate) fn prepared(&self, asked: Asked, prepared: Prepared) {
        self.shared.lock().prepared.push_back((asked, prepared));
        wake(&self.waker);
    }
}

impl Inbox {
    /// Words that wait, at most this many peers'. Nothing when the shard is to stop.
    pub(crate) fn words(&self, most: usize) -> Option<Vec<(PeerId, Words)>> {
        let mut guard = self.0.lock();
        let waiting = &mut *guard;
        if waiting.stopped {
            return None;
        }
        let next = waiting.words.len().min(most);
        let mut said = Vec::with_capacity(next);
        for peer in waiting.words.drain(..next) {
            let Some(own) = waiting.boxes.get_mut(&peer) else { continue };
            own.in_line = false;
            if own.held || own.offer.is_none() || own.words.removed {
                said.push((peer, std::mem::take(&mut own.words)));
            }
        }
        Some(said)
    }

    /// The next prepared offer, and whether it is still wanted. [`Inbox::answered`] follows.
    pub(crate) fn offer(&self) -> Option<(Asked, Prepared, bool)> {
        let mut waiting = self.0.lock();
        let (asked, prepared) = waiting.prepared.pop_front()?;
        let wanted = waiting.boxes.get(&asked.peer).is_some_and(|own| own.offer == Some(asked.number));
        drop(waiting);
        self.0.preparing.notify_one();
        Some((asked, prepared, wanted))
    }

    /// The offer has its answer, and whether the shard holds the peer now. False when it must not: its box is gone.
    pub(crate) fn answered(&self, asked: &Asked, held: bool) -> bool {
        let mut waiting = self.0.lock();
        let Some(own) = waiting.boxes.get_mut(&asked.peer) else {
            return !held;
        };
        own.offer.take_if(|number| *number == asked.number);
        own.held = held;
        if !held && own.offer.is_none() {
            waiting.boxes.remove(&asked.peer);
        } else {
            waiting.line_up(asked.peer);
        }
        true
    }

    /// Whether anything waits for the shard.
    pub(crate) fn is_waiting(&self) -> bool {
        let waiting = self.0.lock();
        waiting.stopped || !waiting.words.is_empty() || !waiting.prepared.is_empty()
    }

    /// The shard holds the peer no longer: its box goes, unless it has offered anew.
    pub(crate) fn gone(&self, peer: PeerId) {
        let mut waiting = self.0.lock();
        let Some(own) = waiting.boxes.get_mut(&peer) else { return };
        own.held = false;
        if own.offer.is_none() {
            waiting.boxes.remove(&peer);
        }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        let mut waiting = self.0.lock();
        // Those who wait for an answer learn it by the end of their channel.
        *waiting = Waiting {
            stopped: true,
            ..Waiting::default()
        };
        drop(waiting);
        self.0.preparing.notify_all();
    }
}
