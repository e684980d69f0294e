//! The quality record: how each participant's session in a call went, kept for administrators.
//!
//! * Here: making a record of what the media engine says of a session ([`Watch`]), keeping records, reading them. Who tells what the engine says, and
//!   when records are written, is `signal`'s.
//! * `reading`: what the engine says. `leg`: readings of one session together. `series`: its course over time, bounded. `spread`: the middle of many
//!   values. `ports`: what the store keeps.
//! * Of a person a record has what attendance has: raw id and the name that was shown, and what kind of person it was; no address, no device.
//! * Invariants, kept by `tests/quality.rs`: only administrators read records; they are forgotten after [`KEPT_DAYS`].

mod leg;
mod ports;
mod reading;
mod series;
mod spread;

pub use leg::{Gain, Watch};
pub use ports::{CallFilter, QualityStore};
pub use reading::{Carrier, Flow, Pictures, Reading};
pub use series::{MOST_SAMPLES, Sample};

use crate::error::AppError;
use crate::ports::StoreResult;
use crate::settings::require_administrator;
use crate::tokens::Caller;
use crate::{App, Micros};

/// How long records are kept after the last one of their call, in days. Complaints come within weeks; longer would be a collection of who met whom.
pub const KEPT_DAYS: i64 = 90;
const DAY: Micros = 24 * 3600 * 1_000_000;
/// Calls or sessions in one page, when nothing else is asked for.
pub const QUALITY_PAGE: u32 = 50;
/// Calls or sessions in one page at most. A session is about 10 kB.
pub const MOST_IN_PAGE: u32 = 200;
/// Names of participants that the summary of a call has at most.
pub const NAMES_IN_SUMMARY: usize = 4;

/// One participant's session in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityLeg {
    /// The session, as the calling SDK names its own endpoint.
    pub session: String,
    /// The held call.
    pub held_id: String,
    /// What kind of call it was: `meeting`, `breakout`, `room`, `group` or `direct`.
    pub kind: String,
    /// Where it was held: the thread of a meeting, the key of another call.
    pub key: String,
    /// Raw id of the person.
    pub raw_id: String,
    /// The name that was shown.
    pub display_name: String,
    /// What kind of person it was: `member`, `guest`, `visitor`, `phone` or `application`.
    pub person: String,
}

/// How a session went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityRecord {
    /// Whose, and in which call.
    pub leg: QualityLeg,
    /// When its first media connection was asked for.
    pub began: Micros,
    /// When it was known last.
    pub updated: Micros,
    /// Whether it was over then. One that never gets over was in a server that died.
    pub ended: bool,
    /// Media connections that it made; one is usual.
    pub connections: u32,
    /// How it travelled, in the order in which that was seen first. Empty: never connected.
    pub carriers: Vec<Carrier>,
    /// What came from the client.
    pub received: Flow,
    /// What was sent to the client.
    pub sent: Flow,
    /// Middle of the round trips, to within a sixteenth.
    pub round_trip_median_us: Option<u64>,
    /// The longest round trip.
    pub round_trip_worst_us: Option<u64>,
    /// The least that the path to the client was believed to carry.
    pub estimate_lowest_bps: Option<u64>,
    /// The middle of that, to within a sixteenth.
    pub estimate_median_bps: Option<u64>,
    /// Packets that were sent again.
    pub repaired: u64,
    /// Packets that were not sent because the client could not take so much.
    pub dropped: u64,
    /// For how long at least one wanted video was withheld, because the path would not carry it.
    pub withheld_ms: u64,
    /// Width and height of the largest video that it was sent.
    pub largest: Option<(u32, u32)>,
    /// Its course, at most [`MOST_SAMPLES`].
    pub samples: Vec<Sample>,
}

/// A held call, all its sessions together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallSummary {
    /// The held call.
    pub held_id: String,
    /// As in [`QualityLeg`].
    pub kind: String,
    /// As in [`QualityLeg`].
    pub key: String,
    /// When the first session began.
    pub began: Micros,
    /// When anything of it was known last.
    pub updated: Micros,
    /// Sessions that were not over then.
    pub running: u64,
    /// Sessions.
    pub sessions: u64,
    /// People.
    pub people: u64,
    /// Names of the first few, as they were shown.
    pub names: Vec<String>,
    /// What came from all clients.
    pub received: Flow,
    /// What was sent to all clients.
    pub sent: Flow,
    /// The longest round trip of any.
    pub round_trip_worst_us: Option<u64>,
    /// Sessions that travelled by the relay at some time.
    pub relayed: u64,
    /// Sessions that never connected.
    pub unconnected: u64,
}

/// What is done with captures of the headers of a session's packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaptureAct {
    /// One is begun.
    Start,
    /// They are listed.
    List,
    /// One is ended early.
    Stop,
    /// Its file is read.
    Read,
    /// Its file is deleted.
    Delete,
}

/// Where a list of calls goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallMark {
    /// After calls that began then,
    pub began: Micros,
    /// and this one.
    pub held_id: String,
}

/// Where a list of sessions goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionMark {
    /// After sessions that began then,
    pub began: Micros,
    /// and this one.
    pub session: String,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityPage<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Give it back to get the next page; nothing on the last one.
    pub next: Option<String>,
}

impl App {
    /// Keeps records, each in place of the one of its session.
    ///
    /// # Errors
    /// The store failed; none of them was kept.
    pub async fn record_quality(&self, records: &[QualityRecord]) -> StoreResult<()> {
        self.store().put_quality(records).await
    }

    /// Held calls, newest first, for administrators.
    ///
    /// # Errors
    /// `Forbidden` unless the caller administers; `InvalidArgument` for a mark that no page gave, or a page of another size than 1 to 200.
    pub async fn quality_calls(
        &self,
        caller: &Caller,
        filter: &CallFilter,
        mark: Option<&str>,
        top: Option<u32>,
    ) -> Result<QualityPage<CallSummary>, AppError> {
        require_administrator(caller)?;
        let top = page_size(top)?;
        let read = |(began, held_id)| CallMark { began, held_id };
        let after = mark.map(read_mark).transpose()?.map(read);
        let calls = self.store().quality_calls(filter, after.as_ref(), top.saturating_add(1)).await?;
        Ok(page(calls, top, |call| (call.began, &call.held_id)))
    }

    /// One held call, for administrators.
    ///
    /// # Errors
    /// `Forbidden` unless the caller administers; `NotFound` when nothing of such a call is recorded.
    pub async fn quality_call(&self, caller: &Caller, held_id: &str) -> Result<CallSummary, AppError> {
        require_administrator(caller)?;
        let call = self.store().quality_call(held_id).await?;
        call.ok_or(AppError::NotFound { what: "call" })
    }

    /// The sessions of a held call in the order in which they began, for administrators.
    ///
    /// # Errors
    /// As [`App::quality_calls`]. A call of which nothing is recorded has no sessions.
    pub async fn quality_sessions(
        &self,
        caller: &Caller,
        held_id: &str,
        mark: Option<&str>,
        top: Option<u32>,
    ) -> Result<QualityPage<QualityRecord>, AppError> {
        require_administrator(caller)?;
        let top = page_size(top)?;
        let read = |(began, session)| SessionMark { began, session };
        let after = mark.map(read_mark).transpose()?.map(read);
        let sessions = self
            .store()
            .quality_sessions(held_id, after.as_ref(), top.saturating_add(1))
            .await?;
        Ok(page(sessions, top, |record| (record.began, &record.leg.session)))
    }

    /// Whether an administrator may do this with captures of headers; when they may, it is in the audit log before it is done.
    ///
    /// # Errors
    /// `Forbidden` unless the caller administers; or the store failed, and then it must not be done.
    pub async fn may_capture(&self, caller: &Caller, act: CaptureAct, call: &str, session: &str) -> Result<(), AppError> {
        require_administrator(caller)?;
        let action = match act {
            CaptureAct::Start => "capture.started",
            CaptureAct::List => return Ok(()),
            CaptureAct::Stop => "capture.stopped",
            CaptureAct::Read => "capture.read",
            CaptureAct::Delete => "capture.deleted",
        };
        self.audit(&caller.actor(), action, session, serde_json::json!({ "call": call }))
            .await
    }

    /// Forgets calls that were kept long enough.
    ///
    /// # Errors
    /// The store failed.
    pub async fn sweep_quality(&self) -> StoreResult<()> {
        self.store().sweep_quality(self.now().saturating_sub(KEPT_DAYS * DAY)).await
    }
}

fn page_size(top: Option<u32>) -> Result<u32, AppError> {
    let top = top.unwrap_or(QUALITY_PAGE);
    if (1..=MOST_IN_PAGE).contains(&top) {
        Ok(top)
    } else {
        Err(AppError::invalid("top", "a page has between 1 and 200 entries"))
    }
}

/// One more than fits was read, to know whether there is more.
fn page<T>(mut items: Vec<T>, top: u32, mark: impl Fn(&T) -> (Micros, &String)) -> QualityPage<T> {
    let size = usize::try_from(top).unwrap_or(usize::MAX);
    let more = items.len() > size;
    items.truncate(size);
    let next = items.last().filter(|_| more).map(|last| {
        let (began, id) = mark(last);
        format!("{began}_{id}")
    });
    QualityPage { items, next }
}

fn read_mark(mark: &str) -> Result<(Micros, String), AppError> {
    let read = mark
        .split_once('_')
        .and_then(|(began, id)| Some((began.parse().ok()?, id.to_owned())));
    read.ok_or_else(|| AppError::invalid("mark", "the list cannot be continued from there; begin again without a mark"))
}
