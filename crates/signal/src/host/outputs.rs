//! Carries out what the machine asks for: persists, replies, tells, opens and closes media.

use app::{
    model::{AttendanceEvent, AttendanceFact},
    surveys::SurveyedCall,
};
use meeting::{Output, Refusal, SessionId};
use wire::{Outcome, Reply};

use super::{Host, JoinError, Joining, session::Session};
use crate::{map, surveys::kind_name};

/// Bars are lifted when the held meeting ends; a meeting whose server died is taken to be over after a day.
const BAR_US: i64 = 24 * 3600 * 1_000_000;

impl Host {
    /// Writes down what must survive a crash before anybody is told. A store that fails is logged and does not hold the
    /// meeting up: the removal stands in this process all the same.
    pub(super) async fn persist(&mut self, outputs: &[Output]) {
        let thread = &self.handle.thread_id;
        let mut facts = Vec::new();
        for output in outputs {
            let result = match output {
                Output::Removed { participant, bar } => {
                    let until = self.app.now().saturating_add(BAR_US);
                    self.app.bar(thread, &participant.0, *bar, until).await
                }
                Output::Ended => self.app.clear_bars(thread).await,
                Output::Transcript(line) => {
                    self.write_down(line).await;
                    Ok(())
                }
                // Attendance is an organizer's to read; the other kinds of call have none.
                Output::Attendance(_) if self.is_breakout_room() => Ok(()),
                Output::Attendance(fact) => {
                    facts.extend(self.machine.settings().is_meeting().then(|| self.attendance(fact)));
                    Ok(())
                }
                Output::Reply { .. }
                | Output::Event { .. }
                | Output::MediaAllowed { .. }
                | Output::MediaRevoked { .. }
                | Output::PublicationGate { .. }
                | Output::SessionClosed { .. }
                | Output::Ring { .. }
                | Output::RingEnded { .. }
                | Output::MediaHeld { .. }
                | Output::TransferOffered { .. }
                | Output::TransferOver { .. }
                | Output::Listen { .. }
                | Output::BreakoutRooms(_)
                | Output::BreakoutBroadcast { .. }
                | Output::Started => Ok(()),
            };
            if let Err(error) = result {
                tracing::error!(%error, ended = matches!(output, Output::Ended), "the removals of a meeting could not be written down or lifted; the store has the old ones");
            }
        }
        if !facts.is_empty()
            && let Err(error) = self.app.record_attendance(&facts).await
        {
            tracing::error!(%error, "attendance could not be written down");
        }
        let after = self.presence.follow(outputs);
        if !self.is_breakout_room() {
            self.follow(after).await;
        }
    }

    fn attendance(&self, fact: &meeting::AttendanceFact) -> AttendanceFact {
        let (event, participant, display_name, role, at) = match fact {
            meeting::AttendanceFact::Waited {
                participant,
                display_name,
                at,
                ..
            } => (AttendanceEvent::Waited, participant, display_name.clone(), String::new(), *at),
            meeting::AttendanceFact::Joined {
                participant,
                display_name,
                role,
                at,
                ..
            } => (AttendanceEvent::Joined, participant, display_name.clone(), format!("{role:?}"), *at),
            meeting::AttendanceFact::Left { participant, at, .. } => {
                (AttendanceEvent::Left, participant, String::new(), String::new(), *at)
            }
        };
        AttendanceFact {
            thread_id: self.handle.thread_id.clone(),
            held_id: self.machine.server_call_id().to_owned(),
            raw_id: participant.0.clone(),
            display_name,
            role,
            event,
            at,
        }
    }

    pub(super) fn carry(&mut self, output: Output) {
        match output {
            Output::Reply {
                session: SessionId(call),
                request,
                result,
            } => match self.joining.remove(&call) {
                Some(joining) => self.joined(call, joining, result),
                None => self.reply(&call, request.0, result),
            },
            Output::Event {
                session: SessionId(call),
                event,
            } => {
                let media = &*self.media;
                if self.sessions.get_mut(&call).is_some_and(|session| !session.tell_of(event, media)) {
                    self.socket_is_gone(call);
                }
            }
            Output::MediaAllowed { session: SessionId(call) } => self.allow_media(&call),
            Output::MediaRevoked { session: SessionId(call) } => self.revoke_media(&call),
            Output::PublicationGate {
                session: SessionId(call),
                publication,
                open,
            } => self.gate(&call, publication, open),
            Output::Listen { language, written_down } => self.listen(language.as_deref(), written_down),
            Output::SessionClosed {
                session: SessionId(call), ..
            } => self.closed(&call),
            Output::BreakoutRooms(rooms) => self.hub.publish_rooms(&self.handle.thread_id, rooms),
            Output::BreakoutBroadcast {
                participant,
                display_name,
                text,
            } => self.hub.broadcast(&self.handle.thread_id, &participant, &display_name, &text),
            output @ (Output::Ring { .. }
            | Output::RingEnded { .. }
            | Output::MediaHeld { .. }
            | Output::TransferOffered { .. }
            | Output::TransferOver { .. }) => self.carry_call(output),
            Output::Started => tracing::info!(meeting = %self.machine.server_call_id(), "meeting started"),
            Output::Ended => tracing::info!(meeting = %self.machine.server_call_id(), "meeting ended"),
            // Persisted before.
            Output::Removed { .. } | Output::Attendance(_) | Output::Transcript(_) => {}
        }
    }

    fn joined(&mut self, call: String, joining: Joining, result: Result<meeting::Reply, Refusal>) {
        let Joining {
            request,
            person,
            source,
            client_id,
            ticket: resume_ticket,
            hash,
            outbox,
            reply,
        } = joining;
        let waiting = match result {
            Ok(meeting::Reply::Joined { waiting }) => waiting,
            // A join has no other answer.
            Ok(
                meeting::Reply::Done | meeting::Reply::Declared { .. } | meeting::Reply::Admitted { .. } | meeting::Reply::Transfer { .. },
            ) => {
                return drop(reply.send(Err(JoinError::Refused(Refusal::Internal))));
            }
            Err(refusal) => return drop(reply.send(Err(JoinError::Refused(refusal)))),
        };
        self.hub.call_started(&call, &self.handle, &outbox);
        self.hub.sessions().remember(SurveyedCall {
            session: call.clone(),
            raw_id: person.clone(),
            held_id: self.machine.server_call_id().to_owned(),
            kind: kind_name(self.machine.settings().kind).to_owned(),
            key: self.handle.thread_id.clone(),
        });
        let session = Session::new(call.clone(), person, client_id, source, outbox, hash);
        session.respond(
            request,
            Outcome::Ok {
                reply: Reply::Joined(wire::Joined {
                    call: call.clone(),
                    session: call.clone(),
                    resume_ticket,
                    waiting,
                }),
            },
        );
        self.sessions.insert(call.clone(), session);
        if reply.send(Ok(call.clone())).is_err() {
            // The connection ended while the join was on its way, so nobody will report its loss.
            self.lost.push_back(call);
        }
    }

    fn reply(&mut self, call: &str, request: u32, result: Result<meeting::Reply, Refusal>) {
        let reply = match result {
            Ok(meeting::Reply::Declared { publications }) => return self.declared(call, request, publications),
            Ok(meeting::Reply::Done) => Reply::Done,
            Ok(meeting::Reply::Transfer { transfer }) => Reply::Transfer { transfer },
            Ok(meeting::Reply::Admitted { admitted, failed }) => Reply::Admitted { admitted, failed },
            // A join is answered in `joined`; the machine gives this reply to nothing else.
            Ok(meeting::Reply::Joined { .. }) => Reply::Done,
            Err(refusal) => return self.refuse(call, request, refusal),
        };
        if let Some(session) = self.sessions.get(call) {
            session.respond(request, Outcome::Ok { reply });
        }
    }

    pub(super) fn refuse(&mut self, call: &str, request: u32, refusal: Refusal) {
        if let Some(session) = self.sessions.get(call) {
            session.respond(
                request,
                Outcome::Refused {
                    refusal: map::refusal(refusal),
                },
            );
        }
    }

    pub(super) fn tell_call(&mut self, call: &str, event: wire::Event) {
        let Some(session) = self.sessions.get_mut(call) else { return };
        if !session.tell(event) {
            self.socket_is_gone(call.to_owned());
        }
    }

    fn socket_is_gone(&mut self, call: String) {
        if let Some(session) = self.sessions.get_mut(&call) {
            session.outbox = None;
        }
        self.lost.push_back(call);
    }

    fn closed(&mut self, call: &str) {
        self.revoke_media(call);
        if let Some(session) = self.sessions.remove(call) {
            for id in session.publications.keys() {
                self.owners.remove(id);
            }
        }
        self.hub.call_ended(call);
    }
}
