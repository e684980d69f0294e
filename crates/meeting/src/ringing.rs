//! Calls to people: who is rung, holding, handing over. Who is rung is in the roster as `Ringing` and has no session.
//!
//! Owned here: the rings of one call ([`Rings`]) from the call to its answer, decline, cancellation or end. Elsewhere: who
//! may call whom (`callee`), hold (`holding`), transfer (`transferring`), what ends by itself (`settling`); sockets that ring
//! and their names for the ring are the host's. Whoever answers comes in by the one door as `JoinPath::Called`.
//!
//! Invariants, kept by `tests/meeting/ringing.rs`: one ring for each person and call; a ring begins with one `Output::Ring` and
//! ends with one `Output::RingEnded`; nobody is in a call to people who was not called into it; a rung person is told who
//! calls and nothing of the roster; a call to people in which one person is left and nobody is rung is over; a call into a meeting, which
//! passes the lobby, lasts no longer than its caller is inside and may call that person (law 4).

mod callee;
mod holding;
mod settling;
mod transferring;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use callee::may_add;
use callee::{callee, may_call};
use transferring::Handover;

use crate::admission::decide;
use crate::capabilities::Grounds;
use crate::ids::SECOND;
use crate::{
    CallKind, JoinPath, MediaAccess, Meeting, Micros, Output, Participant, ParticipantId, ParticipantLeft, Person, PersonKind, Refusal,
    Reply, Role, SessionId, Verdict,
};

/// Most people who are called at once, and who ring in one call.
pub const MAX_CALLEES: usize = 20;
/// Most entries of a custom context.
pub const MAX_CONTEXT: usize = 16;
/// Longest key of a custom context, in bytes.
const LONGEST_KEY: usize = 128;
/// Longest value of a custom context, in bytes.
const LONGEST_VALUE: usize = 1024;
/// Seconds in which somebody who was handed over to this call has to come.
const EXPECTED_S: Micros = 30;

/// To whom somebody is handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferTarget {
    /// Somebody who is rung.
    Person(ParticipantId),
    /// Another call, named by the host.
    Call(String),
}

/// How a transfer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransferState {
    /// The transferee was asked.
    Transferring,
    /// The transferee is in the other call.
    Transferred,
    /// It did not work.
    Failed,
}

/// Where a person of the roster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// In the call.
    Inside,
    /// In the call, and has put it on hold.
    Held,
    /// Called, and has not answered yet.
    Ringing,
}

/// Who handed a caller over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transferor {
    /// Raw identifier.
    pub id: ParticipantId,
    /// Name.
    pub display_name: String,
}

/// A call to people that somebody makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallStart {
    /// Who is called.
    pub callees: Vec<ParticipantId>,
    /// What the called applications are told.
    pub custom_context: BTreeMap<String, String>,
    /// Who handed the caller over to the callee, when somebody did. Whether they may call the callee was asked there.
    pub transferor: Option<Transferor>,
}

/// What the host hears about a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RingNews {
    /// It rings somewhere.
    Reached,
    /// The person declined.
    Declined,
    /// It cannot ring.
    Failed(Refusal),
}

/// Somebody who is rung.
#[derive(Debug, Clone)]
struct Ring {
    /// Names the ring towards the host.
    number: u32,
    by: ParticipantId,
    since: Micros,
    /// Whether it rings somewhere.
    reached: bool,
    kind: PersonKind,
}

/// Somebody who was handed over to this call.
#[derive(Debug, Clone)]
struct Expected {
    by: ParticipantId,
    /// Until when they may come.
    until: Micros,
}

/// Everything about calls to people in one call. At most [`MAX_CALLEES`] ring; transfers are as many as people inside at most.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rings {
    ringing: BTreeMap<ParticipantId, Ring>,
    /// Handed over to this call.
    expected: BTreeMap<ParticipantId, Expected>,
    transfers: BTreeMap<u32, Handover>,
    /// Who makes the call, while they come in.
    founder: Option<ParticipantId>,
    numbers: u32,
    /// How the last ring ended that nobody answered.
    last: Option<Refusal>,
    /// More than one person was inside.
    answered: bool,
    /// Somebody was handed over.
    handed_over: bool,
}

impl Rings {
    /// Whether somebody inside called this person, or they make the call.
    pub(crate) fn called(&self, id: &ParticipantId) -> bool {
        self.ringing.contains_key(id) || self.expected.contains_key(id) || self.founder.as_ref() == Some(id)
    }

    /// Whether the person is rung.
    pub(crate) fn is_ringing(&self, id: &ParticipantId) -> bool {
        self.ringing.contains_key(id)
    }

    fn next_number(&mut self) -> u32 {
        self.numbers = self.numbers.wrapping_add(1);
        self.numbers
    }
}

impl Meeting {
    /// Answers `Input::StartCall`: the caller is inside, the others are rung.
    pub(crate) fn start_call(
        &mut self,
        now: Micros,
        session: &SessionId,
        person: Person,
        muted: bool,
        start: CallStart,
    ) -> Result<Reply, Refusal> {
        if self.settings.kind != CallKind::Direct || !self.is_empty() {
            return Err(Refusal::InvalidArgument);
        }
        let CallStart {
            callees,
            custom_context,
            transferor,
        } = start;
        fits(&callees, &custom_context)?;
        for id in &callees {
            self.must_be_free(&person.id, id)?;
            let called = callee(id)?;
            if transferor.is_none() {
                may_call(self.grounds_of(&person), &person, &called)?;
            }
            self.must_pass(now, &called)?;
        }
        self.rings.founder = Some(person.id.clone());
        let joined = self.join(now, session, person.clone(), JoinPath::Called, muted);
        self.rings.founder = None;
        let reply = joined?;
        for id in callees {
            self.ring(now, &person, id, &custom_context, transferor.as_ref());
        }
        Ok(reply)
    }

    /// Answers `Command::AddParticipants`.
    pub(crate) fn add_participants(
        &mut self,
        now: Micros,
        by: &ParticipantId,
        targets: Vec<ParticipantId>,
        custom_context: BTreeMap<String, String>,
    ) -> Result<(), Refusal> {
        fits(&targets, &custom_context)?;
        if self.rings.ringing.len().saturating_add(targets.len()) > MAX_CALLEES {
            return Err(Refusal::TooManyCallees);
        }
        for id in &targets {
            self.must_be_free(by, id)?;
            self.must_be_callable(by, id)?;
            self.must_pass(now, &callee(id)?)?;
        }
        let caller = self.roster.get(by).ok_or(Refusal::NoSuchCall)?.person.clone();
        for id in targets {
            self.ring(now, &caller, id, &custom_context, None);
        }
        Ok(())
    }

    /// Takes `Input::Ring`; news of a ring that is over changes nothing.
    pub(crate) fn hear_of_ring(&mut self, number: u32, news: RingNews) {
        let found = self.rings.ringing.iter_mut().find(|(_, ring)| ring.number == number);
        let Some((id, ring)) = found else { return };
        match news {
            RingNews::Reached => ring.reached = true,
            RingNews::Declined => {
                let id = id.clone();
                self.end_ring(&id, Refusal::Declined, None, false);
            }
            RingNews::Failed(reason) => {
                let id = id.clone();
                self.end_ring(&id, reason, None, false);
            }
        }
    }

    /// Takes `Input::Expect`: somebody inside hands a person of another call over to this one. When that is not allowed the
    /// person is refused at the door.
    pub(crate) fn expect(&mut self, now: Micros, by: &SessionId, id: &ParticipantId) {
        let Some(by) = self.roster.id_of(by).cloned() else { return };
        let allowed = self.must_be_callable(&by, id).and_then(|()| self.must_be_free(&by, id));
        if allowed.is_ok() && self.rings.expected.len() < MAX_CALLEES {
            let until = now.saturating_add(EXPECTED_S.saturating_mul(SECOND));
            self.rings.expected.insert(id.clone(), Expected { by, until });
        }
    }

    /// Somebody came in who may have been rung.
    pub(crate) fn answer_ring(&mut self, id: &ParticipantId, session: &SessionId) {
        self.rings.expected.remove(id);
        self.end_ring(id, Refusal::AcceptedElsewhere, Some(session.clone()), false);
    }

    /// Takes a call back that somebody has not answered; who called, or who may remove people.
    pub(crate) fn cancel_ring(&mut self, by: &ParticipantId, id: &ParticipantId) -> Result<(), Refusal> {
        let role = self.roster.get(by).ok_or(Refusal::NoSuchCall)?.role;
        let own = self.rings.ringing.get(id).is_some_and(|ring| ring.by == *by);
        if !own && !role.runs_meeting() {
            return Err(Refusal::RoleForbidsRemove);
        }
        self.end_ring(id, Refusal::CallCancelled, None, true);
        Ok(())
    }

    /// Ends a ring, if there is one. `taken_by` is the session that answered it.
    pub(crate) fn end_ring(&mut self, id: &ParticipantId, reason: Refusal, taken_by: Option<SessionId>, removed: bool) {
        let Some(ring) = self.rings.ringing.remove(id) else { return };
        if taken_by.is_none() {
            self.rings.last = Some(reason);
            self.changes.touched.remove(id);
            self.changes.left.push(ParticipantLeft {
                id: id.clone(),
                removed,
                reason: Some(reason),
            });
        }
        self.outputs.push_back(Output::RingEnded {
            ring: ring.number,
            participant: id.clone(),
            reason,
            taken_by,
        });
    }

    /// Those who are rung, as the others see them. Their name is not told before they answer.
    pub(crate) fn ringing_views(&self) -> Vec<Participant> {
        let mut rings: Vec<(&ParticipantId, &Ring)> = self.rings.ringing.iter().collect();
        rings.sort_by_key(|(_, ring)| ring.number);
        rings.into_iter().map(|(id, ring)| self.ringing_view(id, ring)).collect()
    }

    /// Somebody inside or rung, as the others see them.
    pub(crate) fn view_of(&self, id: &ParticipantId) -> Option<Participant> {
        match self.roster.get(id) {
            Some(entry) => Some(entry.view(&self.hands, &self.spotlight)),
            None => self.rings.ringing.get(id).map(|ring| self.ringing_view(id, ring)),
        }
    }

    fn ringing_view(&self, id: &ParticipantId, ring: &Ring) -> Participant {
        Participant {
            id: id.clone(),
            session: SessionId(String::new()),
            display_name: String::new(),
            kind: ring.kind,
            role: match self.settings.kind {
                CallKind::Direct | CallKind::Group => Role::Presenter,
                CallKind::Meeting | CallKind::Room => Role::Attendee,
            },
            muted: true,
            hand: None,
            spotlight: None,
            access: MediaAccess::ALL,
            presence: Presence::Ringing,
            reconnecting: false,
            publications: Vec::new(),
        }
    }

    fn ring(
        &mut self,
        now: Micros,
        caller: &Person,
        id: ParticipantId,
        context: &BTreeMap<String, String>,
        transferor: Option<&Transferor>,
    ) {
        let kind = callee(&id).map_or(PersonKind::Guest, |person| person.identity.kind());
        let number = self.rings.next_number();
        self.outputs.push_back(Output::Ring {
            ring: number,
            participant: id.clone(),
            caller: caller.id.clone(),
            caller_name: caller.display_name.clone(),
            custom_context: context.clone(),
            transferor: transferor.cloned(),
        });
        self.changes.touched.insert(id.clone());
        let ring = Ring {
            number,
            by: caller.id.clone(),
            since: now,
            reached: false,
            kind,
        };
        self.rings.ringing.insert(id, ring);
    }

    /// Refuses unless somebody inside may call the person into this call.
    fn must_be_callable(&self, by: &ParticipantId, id: &ParticipantId) -> Result<(), Refusal> {
        let entry = self.roster.get(by).ok_or(Refusal::NoSuchCall)?;
        may_call(entry.grounds(&self.settings), &entry.person, &callee(id)?)
    }

    fn must_be_free(&self, by: &ParticipantId, id: &ParticipantId) -> Result<(), Refusal> {
        let here = by == id || self.roster.get(id).is_some() || self.rings.is_ringing(id);
        if here { Err(Refusal::AlreadyInCall) } else { Ok(()) }
    }

    /// Refuses whom the door would refuse although they are called.
    fn must_pass(&self, now: Micros, person: &Person) -> Result<(), Refusal> {
        let mut facts = self.facts(person, JoinPath::Called);
        facts.called = true;
        match decide(now, &facts) {
            Verdict::Refuse(refusal) => Err(refusal),
            Verdict::Admit { .. } | Verdict::Wait { .. } => Ok(()),
        }
    }

    /// What somebody who is not inside yet could do.
    fn grounds_of<'a>(&'a self, person: &Person) -> Grounds<'a> {
        let (role, demoted) = self.role_of(person);
        Grounds {
            settings: &self.settings,
            standing: person.standing(&self.settings),
            role,
            demoted,
            access: self.access.of(&person.id, role),
            owes_consent: false,
        }
    }
}

fn fits(callees: &[ParticipantId], context: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if callees.is_empty() || callees.len() > MAX_CALLEES {
        return Err(Refusal::TooManyCallees);
    }
    if callees.iter().collect::<BTreeSet<_>>().len() != callees.len() {
        return Err(Refusal::InvalidArgument);
    }
    let short = |(key, value): (&String, &String)| key.len() <= LONGEST_KEY && value.len() <= LONGEST_VALUE;
    if context.len() > MAX_CONTEXT || !context.iter().all(short) {
        return Err(Refusal::CustomContextTooLarge);
    }
    Ok(())
}
