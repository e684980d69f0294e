//! One run: everybody of a shape joins a server, media flows, and what was measured is handed back.
//!
//! Here: the order of things and the arithmetic. Not here: what a server is asked (`server`), who is in which room (`shape`), datagrams (`driver`).
//! What the numbers mean is said at [`Outcome`]; a number that cannot be trusted is accompanied by a sentence in [`Outcome::void`] or [`Outcome::noisy`].

mod outcome;

use std::collections::HashMap;
use std::io;
use std::time::{Duration, Instant};

pub use outcome::{Outcome, Played, Quantiles};

use crate::driver::{Driver, ParticipantId};
use crate::link::Path;
use crate::measure::Histogram;
use crate::process::{Process, ProcessError, machine_busy, softirq_threads};
use crate::quality::Quality;
use crate::server::{Person, Target, TargetError};
use crate::shape::Shape;
use outcome::float;

/// Between two looks at what the server answered.
const SLICE: Duration = Duration::from_millis(1);
/// For everybody to be connected.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is to be done.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Who joins.
    pub shape: Shape,
    /// The server's process.
    pub server: Process,
    /// Media flows so long before anything is counted.
    pub warm_up: Duration,
    /// So long it is counted.
    pub window: Duration,
    /// Handshakes that are under way at the same time at most.
    pub in_flight: usize,
    /// Paths that are bad once everybody has joined.
    pub impaired: Option<Impaired>,
}

/// Bad paths.
#[derive(Debug, Clone, Copy)]
pub struct Impaired {
    /// Whose they are.
    pub whose: Sufferers,
    /// The way that media takes.
    pub media: Path,
    /// The way back.
    pub back: Path,
}

/// Whose paths are bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sufferers {
    /// Of those who only receive.
    Listeners,
    /// Of those who send.
    Publishers,
}

/// Why a run ended without numbers.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The server refused or is gone.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The server's process ended.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The system refused a poll.
    #[error("datagrams cannot be moved: {0}")]
    Network(#[from] io::Error),
    /// Not everybody came in.
    #[error("only {connected} of {of} media paths came up, {waiting} requests are not answered")]
    Late {
        /// Media paths that are up.
        connected: usize,
        /// All that were begun.
        of: usize,
        /// Requests without an answer.
        waiting: usize,
    },
}

struct Run<'a> {
    plan: Plan,
    target: &'a mut dyn Target,
    driver: &'a mut Driver,
    people: Vec<Person>,
    entered: HashMap<u32, Instant>,
}

/// Does it.
///
/// # Errors
/// [`RunError`]; then there are no numbers.
pub fn run(plan: Plan, target: &mut dyn Target, driver: &mut Driver) -> Result<Outcome, RunError> {
    let people = plan.shape.people();
    let mut run = Run {
        plan,
        target,
        driver,
        people,
        entered: HashMap::new(),
    };
    let before = (plan.server.on_cpu()?, plan.server.resident()?);
    let everybody = run.people.clone();
    let (comers, first): (Vec<Person>, Vec<Person>) = everybody
        .iter()
        .partition(|person| plan.shape.storm.is_some() && is_listener(person));
    run.bring_in(&first)?;
    run.impair();
    run.begin_to_send()?;
    if let Some(seconds) = plan.shape.storm {
        run.pass(plan.warm_up)?;
        run.storm(&comers, Duration::from_secs(seconds))?;
    }
    let joined = (run.join_cost(before.0)?, plan.server.resident()?);
    run.pass(plan.warm_up)?;
    run.measure(before.1, joined)
}

fn is_listener(person: &Person) -> bool {
    person.role.receives && !person.role.audio && !person.role.video
}

impl Run<'_> {
    /// Lets time pass.
    fn pass(&mut self, time: Duration) -> Result<(), RunError> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.slice(until)?;
        }
        Ok(())
    }

    /// A little time, in which answers are taken.
    fn slice(&mut self, until: Instant) -> Result<(), RunError> {
        let slice = if self.target.waiting() > 0 { SLICE } else { 20 * SLICE };
        self.driver.run(until.min(Instant::now() + slice), |_| false)?;
        Ok(self.target.advance(self.driver)?)
    }

    /// Waits until at most so many are under way.
    fn settle(&mut self, most: usize) -> Result<(), RunError> {
        let late = Instant::now() + PATIENCE;
        loop {
            let connected = self.driver.connected();
            let (of, waiting) = (self.driver.len(), self.target.waiting());
            if of - connected + waiting <= most {
                return Ok(());
            }
            if Instant::now() > late {
                return Err(RunError::Late { connected, of, waiting });
            }
            self.driver.run(Instant::now() + SLICE, |_| false)?;
            self.target.advance(self.driver)?;
        }
    }

    /// These join, and receive what the others who joined with them send.
    fn bring_in(&mut self, people: &[Person]) -> Result<(), RunError> {
        for person in people {
            self.settle(self.plan.in_flight)?;
            self.entered.insert(person.number, Instant::now());
            self.target.enter(self.driver, person)?;
        }
        self.settle(0)?;
        for person in people.iter().filter(|person| person.role.receives) {
            self.settle(self.plan.in_flight)?;
            let wanted = self.plan.shape.wanted(&self.people, person);
            self.target.watch(self.driver, person, &wanted)?;
        }
        self.settle(0)
    }

    /// These come evenly within this time, while media flows.
    fn storm(&mut self, people: &[Person], time: Duration) -> Result<(), RunError> {
        let began = Instant::now();
        let each = time / u32::try_from(people.len()).unwrap_or(u32::MAX).max(1);
        for (person, place) in people.iter().zip(0_u32..) {
            while Instant::now() < began + each * place {
                self.slice(began + each * place)?;
            }
            self.entered.insert(person.number, Instant::now());
            self.target.enter(self.driver, person)?;
            let wanted = self.plan.shape.wanted(&self.people, person);
            self.target.watch(self.driver, person, &wanted)?;
        }
        self.settle(0)
    }

    /// Everybody who can send does, not all in the same moment.
    fn begin_to_send(&mut self) -> Result<(), RunError> {
        let now = Instant::now();
        for (person, place) in self.people.iter().zip(0_u64..) {
            if let Some((id, sends)) = self.target.sending(person.number)
                && let Some(participant) = self.driver.get(id)
            {
                participant.start(now + Duration::from_micros(place * 1_237 % 33_000), sends);
            }
        }
        Ok(())
    }

    /// Paths become as bad as they are to be.
    fn impair(&mut self) {
        let Some(Impaired { whose, media, back }) = self.plan.impaired else {
            return;
        };
        for person in &self.people {
            let seed = u64::from(person.number) * 0x9e37;
            match whose {
                Sufferers::Listeners if is_listener(person) => {
                    if let Some(id) = self.target.receiving(person.number) {
                        self.driver.impair(id, media, back, seed);
                    }
                }
                Sufferers::Publishers if !is_listener(person) => {
                    if let Some((id, _)) = self.target.sending(person.number) {
                        self.driver.impair(id, back, media, seed);
                    }
                }
                _ => {}
            }
        }
    }

    /// What full receivers heard and saw.
    fn played(&self, took: Duration) -> Option<Played> {
        let (mut quality, mut repair, mut bytes) = (Quality::default(), (0, 0, 0), 0);
        let now = Instant::now();
        let receivers = self.receivers();
        for participant in receivers.iter().filter_map(|(_, id)| self.driver.participant(*id)) {
            quality.add(&participant.quality(now));
            let (raw, came, due) = participant.repair();
            repair = (repair.0 + raw, repair.1 + came, repair.2 + due);
            bytes += participant.received().bytes;
        }
        if quality.pieces == 0 && quality.frames == 0 {
            return None;
        }
        let part = |part: u64, all: u64| float(part) / float(all.max(1));
        let lost = repair.2.saturating_sub(repair.0);
        let seconds = quality.watched.as_secs_f64().max(f64::MIN_POSITIVE);
        Some(Played {
            video_lost: part(lost, repair.2),
            repaired: part(repair.1 - repair.0, lost),
            audio_missing: part(quality.missing, quality.pieces),
            audio_concealed: part(quality.concealed, quality.pieces),
            frozen: quality.frozen.as_secs_f64() / seconds,
            frames: float(quality.frames) / seconds,
            kbit: float(bytes) * 8.0 / 1e3 / took.as_secs_f64() / float(receivers.len() as u64),
        })
    }

    /// Milliseconds of the server's processor for each person. In a storm media flows meanwhile: then the media is in it.
    fn join_cost(&self, before: Duration) -> Result<f64, RunError> {
        let cost = self.plan.server.on_cpu()?.saturating_sub(before);
        Ok(cost.as_secs_f64() * 1e3 / float(self.people.len() as u64))
    }

    fn receivers(&self) -> Vec<(Person, ParticipantId)> {
        let all = self.people.iter().filter(|person| person.role.receives);
        all.filter_map(|person| Some((*person, self.target.receiving(person.number)?)))
            .collect()
    }

    fn measure(&mut self, before: u64, (join_cpu_ms, joined): (f64, u64)) -> Result<Outcome, RunError> {
        let (server, own) = (self.plan.server, Process::own());
        self.driver.begin_to_count();
        let began = (Instant::now(), server.on_cpu()?, own.on_cpu()?, softirq_threads(), machine_busy());
        self.driver.run(began.0 + self.plan.window, |_| false)?;
        let took = began.0.elapsed();
        let spent = |now: Duration, then: Duration| now.saturating_sub(then);
        let (on_server, on_own, on_softirq) = (
            spent(server.on_cpu()?, began.1),
            spent(own.on_cpu()?, began.2),
            spent(softirq_threads(), began.3),
        );
        let machine = machine_busy().zip(began.4).map_or(Duration::ZERO, |(now, then)| spent(now, then));
        let (mut packets, mut expected, mut latency) = (0, 0, Histogram::default());
        let (mut frozen, mut watched) = (Duration::ZERO, Duration::ZERO);
        let (mut connect, mut first) = (Histogram::default(), Histogram::default());
        let with_video = self.people.iter().any(|person| person.role.video);
        for (person, id) in self.receivers() {
            let Some(participant) = self.driver.participant(id) else { continue };
            let received = participant.received();
            packets += received.packets;
            expected += received.expected;
            latency.merge(&received.latency);
            frozen += received.frozen;
            watched += received.watched;
            let Some(entered) = self.entered.get(&person.number) else {
                continue;
            };
            let since = |at: Option<Instant>| at.map(|at| at.saturating_duration_since(*entered));
            since(participant.connected()).into_iter().for_each(|time| connect.add(time));
            since(participant.first_packet(with_video))
                .into_iter()
                .for_each(|time| first.add(time));
        }
        let share = |part: Duration, all: Duration| part.as_secs_f64() / all.as_secs_f64().max(f64::MIN_POSITIVE);
        let each = |time: Duration| time.as_secs_f64() * 1e6 / float(packets.max(1));
        let people = float(self.people.len() as u64);
        let mut outcome = Outcome {
            shape: self.plan.shape.name.to_owned(),
            count: self.plan.shape.count,
            people: self.people.len(),
            receivers: self.receivers().len(),
            offered: self.plan.shape.packets_out(),
            delivered: float(packets) / took.as_secs_f64(),
            lost: 1.0 - float(packets) / float(expected.max(1)),
            server_us: each(on_server),
            softirq_us: each(on_softirq),
            server_busy: share(on_server, took),
            generator_busy: share(on_own, took),
            others_busy: share(machine.saturating_sub(on_server + on_own), took),
            latency: Quantiles::of(&latency),
            frozen: share(frozen, watched),
            join_cpu_ms,
            connect: Quantiles::of(&connect),
            first_packet: self.plan.shape.storm.map(|_| Quantiles::of(&first)),
            joined_kb: float(joined.saturating_sub(before)) / people,
            media_kb: float(server.resident()?.saturating_sub(before)) / people,
            played: self.played(took),
            unsent: self.driver.unsent(),
            void: None,
            noisy: None,
        };
        outcome.judge();
        Ok(outcome)
    }
}
