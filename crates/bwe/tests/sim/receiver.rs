//! A receiver that writes down arrivals by its own clock and tells of them every 50 ms, as browsers do.

use std::collections::{BTreeMap, VecDeque};

use super::Dice;

pub(crate) type Told = Vec<(u16, Option<i64>)>;

#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) every_ms: i64,
    pub(crate) way_back_ms: f64,
    /// This share of feedback gets lost.
    pub(crate) lost: f64,
    /// This share comes twice, the second time 70 ms later.
    pub(crate) twice: f64,
    /// It tells nothing.
    pub(crate) mute: bool,
    /// Its clock is ahead by so much, and faster by so many parts per million.
    pub(crate) clock_us: i64,
    pub(crate) drift_ppm: f64,
    arrivals: BTreeMap<u64, i64>,
    /// Of the last report: how many had arrived, and the highest number.
    reported: (u64, Option<u64>),
    count: u64,
    highest: Option<u64>,
    next: u64,
    begun: bool,
    on_the_way: VecDeque<(i64, Told)>,
    dice: Dice,
}

impl Receiver {
    pub(crate) fn new(way_back_ms: f64) -> Self {
        Self {
            every_ms: 50,
            way_back_ms,
            lost: 0.0,
            twice: 0.0,
            mute: false,
            clock_us: -5_000_000,
            drift_ppm: 0.0,
            arrivals: BTreeMap::new(),
            reported: (0, None),
            count: 0,
            highest: None,
            next: 0,
            begun: false,
            on_the_way: VecDeque::new(),
            dice: Dice::new(99),
        }
    }

    pub(crate) fn arrives(&mut self, seq: u64, at_us: i64) {
        self.arrivals.insert(seq, at_us);
        self.count += 1;
        self.highest = self.highest.max(Some(seq));
    }

    /// The share lost since the last report, each second (RFC 3550 §6.4.1).
    pub(crate) fn reports(&mut self, now_us: i64) -> Option<u8> {
        if now_us % 1_000_000 != 0 || self.mute {
            return None;
        }
        let (count, highest) = std::mem::replace(&mut self.reported, (self.count, self.highest));
        let expected = self.highest? - highest?;
        let lost = expected.saturating_sub(self.count - count);
        Some((lost * 256 / expected.max(1)).min(255) as u8)
    }

    /// Everything that left before this is no longer told of (the path changed).
    pub(crate) fn forget(&mut self) {
        self.arrivals.clear();
        self.on_the_way.clear();
    }

    pub(crate) fn step(&mut self, now_us: i64) {
        if now_us % (self.every_ms * 1_000) != 0 {
            return;
        }
        let here: Vec<(u64, i64)> = self
            .arrivals
            .iter()
            .filter(|(_, at)| **at <= now_us)
            .map(|(seq, at)| (*seq, *at))
            .collect();
        let Some(last) = here.last().map(|(seq, _)| *seq) else { return };
        let first = here.first().map_or(0, |(seq, _)| *seq);
        let from = if self.begun { self.next.min(first) } else { first };
        self.begun = true;
        self.next = self.next.max(last + 1);
        let mut told = Told::new();
        for seq in from..=last {
            // A packet that came late is told of together with what came since; what was told before may be told again.
            let arrival = self.arrivals.get(&seq).filter(|at| **at <= now_us).map(|at| self.clock(*at));
            told.push((seq as u16, arrival));
        }
        self.arrivals.retain(|seq, at| *at > now_us || *seq + 200 > last && *seq > last);
        if self.mute || self.dice.chance(self.lost) {
            return;
        }
        let back = now_us + (self.way_back_ms * 1e3) as i64;
        if self.dice.chance(self.twice) {
            self.on_the_way.push_back((back + 70_000, told.clone()));
        }
        self.on_the_way.push_back((back, told));
    }

    fn clock(&self, at_us: i64) -> i64 {
        let own = self.clock_us + at_us + (at_us as f64 * self.drift_ppm / 1e6) as i64;
        // Feedback counts in quarters of a millisecond.
        own / 250 * 250
    }

    pub(crate) fn comes_back(&mut self, now_us: i64) -> Option<Told> {
        let due = self.on_the_way.iter().position(|(at, _)| *at <= now_us)?;
        self.on_the_way.remove(due).map(|(_, told)| told)
    }
}
