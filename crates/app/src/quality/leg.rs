//! One participant's session in a call, while it runs: readings in, a record out. Pure.
//!
//! A session may have one media connection after the other (another network, a connection made anew); their counts go on in one record. A reading says
//! what has been since its connection began, so a reading that never came costs detail and no count. The last reading of a connection may come after
//! the next one was made.

use super::reading::{Carrier, Flow, Reading};
use super::series::{Sample, Series};
use super::spread::Spread;
use super::{QualityLeg, QualityRecord};
use crate::Micros;

/// A leg that is being watched.
#[derive(Debug, Clone)]
pub struct Watch {
    leg: QualityLeg,
    began: Micros,
    updated: Micros,
    ended: bool,
    connections: u32,
    carriers: Vec<Carrier>,
    received: Flow,
    sent: Flow,
    repaired: u64,
    dropped: u64,
    withheld_ms: u64,
    largest: Option<(u32, u32)>,
    round_trip_us: Spread,
    estimate_bps: Spread,
    series: Series,
    /// The latest connections, the present one last.
    open: Vec<Connection>,
}

/// Connections of which a reading may still come: the present one, and one that is being taken down.
const MOST_OPEN: usize = 2;

/// A media connection, and what it said last.
#[derive(Debug, Clone)]
struct Connection {
    number: u64,
    last: Reading,
    at: Micros,
}

/// What a reading adds to the one before: for numbers over all legs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gain {
    /// What came from the client.
    pub received: Flow,
    /// What was sent to it.
    pub sent: Flow,
    /// Packets sent again.
    pub repaired: u64,
    /// Packets not sent.
    pub dropped: u64,
    /// Milliseconds in which a wanted video was withheld.
    pub withheld_ms: u64,
}

impl Watch {
    /// Begins to watch.
    #[must_use]
    pub fn new(leg: QualityLeg, now: Micros) -> Self {
        Self {
            leg,
            began: now,
            updated: now,
            ended: false,
            connections: 0,
            carriers: Vec::new(),
            received: Flow::default(),
            sent: Flow::default(),
            repaired: 0,
            dropped: 0,
            withheld_ms: 0,
            largest: None,
            round_trip_us: Spread::default(),
            estimate_bps: Spread::default(),
            series: Series::default(),
            open: Vec::new(),
        }
    }

    /// The session.
    #[must_use]
    pub fn leg(&self) -> &QualityLeg {
        &self.leg
    }

    /// The session makes a media connection; `number` tells it from others of the session.
    pub fn connect(&mut self, now: Micros, number: u64) {
        self.connections = self.connections.saturating_add(1);
        if self.open.len() >= MOST_OPEN {
            self.open.remove(0);
        }
        self.open.push(Connection {
            number,
            last: Reading::default(),
            at: now,
        });
    }

    /// A connection was read. One that is not known any more says nothing.
    pub fn read(&mut self, now: Micros, number: u64, reading: Reading) -> Gain {
        let Some(connection) = self.open.iter_mut().find(|connection| connection.number == number) else {
            return Gain::default();
        };
        let since = std::mem::replace(&mut connection.at, now);
        let last = std::mem::replace(&mut connection.last, reading.clone());
        let withheld = reading.pictures.withheld_for.saturating_sub(last.pictures.withheld_for);
        let gain = Gain {
            received: reading.received.since(last.received),
            sent: reading.sent.since(last.sent),
            repaired: reading.repaired.saturating_sub(last.repaired),
            dropped: reading.dropped.saturating_sub(last.dropped),
            withheld_ms: whole(withheld.as_millis()),
        };
        let round_trip_us = reading.round_trip.map(|round_trip| whole(round_trip.as_micros()));
        let sample = Sample {
            at_ms: milliseconds(self.began, now),
            span_ms: milliseconds(since, now),
            received: gain.received,
            sent: gain.sent,
            round_trip_us,
            estimate_bps: reading.estimate,
            withheld_ms: gain.withheld_ms,
            height: reading.pictures.largest.map_or(0, |(_, height)| height),
            carrier: reading.carrier,
        };
        self.received = self.received.plus(gain.received);
        self.sent = self.sent.plus(gain.sent);
        self.repaired = self.repaired.saturating_add(gain.repaired);
        self.dropped = self.dropped.saturating_add(gain.dropped);
        self.withheld_ms = self.withheld_ms.saturating_add(gain.withheld_ms);
        let area = |size: &(u32, u32)| u64::from(size.0) * u64::from(size.1);
        self.largest = [self.largest, reading.pictures.largest].into_iter().flatten().max_by_key(area);
        if reading.carrier != Carrier::None && !self.carriers.contains(&reading.carrier) {
            self.carriers.push(reading.carrier);
        }
        round_trip_us.into_iter().for_each(|value| self.round_trip_us.add(value));
        reading.estimate.into_iter().for_each(|value| self.estimate_bps.add(value));
        self.series.add(sample);
        self.updated = self.updated.max(now);
        gain
    }

    /// The session is over.
    pub fn end(&mut self, now: Micros) {
        self.ended = true;
        self.updated = self.updated.max(now);
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.ended
    }

    /// What is known until now.
    #[must_use]
    pub fn record(&self) -> QualityRecord {
        QualityRecord {
            leg: self.leg.clone(),
            began: self.began,
            updated: self.updated,
            ended: self.ended,
            connections: self.connections,
            carriers: self.carriers.clone(),
            received: self.received,
            sent: self.sent,
            round_trip_median_us: self.round_trip_us.median(),
            round_trip_worst_us: self.round_trip_us.highest(),
            estimate_lowest_bps: self.estimate_bps.lowest(),
            estimate_median_bps: self.estimate_bps.median(),
            repaired: self.repaired,
            dropped: self.dropped,
            withheld_ms: self.withheld_ms,
            largest: self.largest,
            samples: self.series.samples().to_vec(),
        }
    }
}

fn whole(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// A clock that was set back makes no time.
fn milliseconds(from: Micros, to: Micros) -> u64 {
    u64::try_from(to.saturating_sub(from)).unwrap_or(0) / 1_000
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::reading::Pictures;
    use super::*;

    const SECOND: Micros = 1_000_000;

    fn leg() -> QualityLeg {
        QualityLeg {
            session: "s".to_owned(),
            held_id: "h".to_owned(),
            kind: "meeting".to_owned(),
            key: "19:meeting_x@thread.v2".to_owned(),
            raw_id: "8:acs:r_u".to_owned(),
            display_name: "Maria".to_owned(),
            person: "guest".to_owned(),
        }
    }

    fn reading(packets: u64, round_trip_ms: u64) -> Reading {
        let flow = Flow {
            packets,
            bytes: packets * 100,
            lost: packets / 100,
        };
        Reading {
            carrier: Carrier::Udp,
            round_trip: Some(Duration::from_millis(round_trip_ms)),
            estimate: Some(1_000_000 + packets),
            received: flow,
            sent: flow,
            repaired: packets / 50,
            dropped: packets / 200,
            pictures: Pictures {
                shown: 1,
                withheld: 0,
                withheld_for: Duration::from_millis(packets),
                largest: Some((640, 360)),
            },
        }
    }

    #[test]
    fn readings_add_up_over_one_connection_after_the_other() {
        let mut watch = Watch::new(leg(), 0);
        watch.connect(0, 1);
        watch.read(10 * SECOND, 1, reading(1_000, 20));
        let gain = watch.read(20 * SECOND, 1, reading(3_000, 40));
        assert_eq!((gain.sent.packets, gain.repaired, gain.withheld_ms), (2_000, 40, 2_000));
        watch.connect(21 * SECOND, 2);
        let relayed = Reading {
            carrier: Carrier::Relay,
            ..reading(500, 300)
        };
        watch.read(30 * SECOND, 2, relayed);
        watch.end(31 * SECOND);
        let record = watch.record();
        assert_eq!((record.sent.packets, record.sent.bytes, record.sent.lost), (3_500, 350_000, 35));
        assert_eq!((record.repaired, record.dropped, record.withheld_ms), (70, 17, 3_500));
        assert_eq!((record.connections, record.carriers), (2, vec![Carrier::Udp, Carrier::Relay]));
        assert_eq!(record.round_trip_worst_us, Some(300_000));
        assert_eq!(record.estimate_lowest_bps, Some(1_000_500));
        assert_eq!((record.began, record.updated, record.ended), (0, 31 * SECOND, true));
        let spans: Vec<u64> = record.samples.iter().map(|sample| sample.span_ms).collect();
        assert_eq!(spans, [10_000, 10_000, 9_000]);
    }

    #[test]
    fn a_reading_that_never_came_costs_detail_and_no_count() {
        let (mut all, mut some) = (Watch::new(leg(), 0), Watch::new(leg(), 0));
        all.connect(0, 1);
        some.connect(0, 1);
        for at in 1..=6 {
            all.read(at * 10 * SECOND, 1, reading(u64::try_from(at).expect("small") * 1_000, 20));
        }
        some.read(60 * SECOND, 1, reading(6_000, 20));
        let (all, some) = (all.record(), some.record());
        assert_eq!(
            (all.sent, all.repaired, all.withheld_ms),
            (some.sent, some.repaired, some.withheld_ms)
        );
        assert_eq!((all.samples.len(), some.samples.len()), (6, 1));
    }

    #[test]
    fn the_last_word_of_a_connection_counts_after_the_next_was_made_and_no_later() {
        let mut watch = Watch::new(leg(), 0);
        watch.connect(0, 1);
        watch.read(10 * SECOND, 1, reading(1_000, 20));
        watch.connect(11 * SECOND, 2);
        assert_eq!(watch.read(11 * SECOND, 1, reading(1_100, 20)).sent.packets, 100);
        assert_eq!(watch.read(20 * SECOND, 2, reading(50, 20)).sent.packets, 50);
        watch.connect(21 * SECOND, 3);
        assert_eq!(watch.read(22 * SECOND, 1, reading(9_000, 20)), Gain::default());
        assert_eq!(watch.record().sent.packets, 1_150);
    }

    #[test]
    fn a_count_that_goes_back_counts_as_nothing_new() {
        let mut watch = Watch::new(leg(), 0);
        watch.connect(0, 1);
        watch.read(SECOND, 1, reading(1_000, 20));
        assert_eq!(watch.read(2 * SECOND, 1, reading(400, 20)).sent, Flow::default());
        assert_eq!(watch.read(3 * SECOND, 1, reading(500, 20)).sent.packets, 100);
    }

    #[test]
    fn who_never_connected_leaves_a_record_that_says_so() {
        let mut watch = Watch::new(leg(), SECOND);
        watch.connect(SECOND, 1);
        watch.end(9 * SECOND);
        let record = watch.record();
        assert_eq!(
            (record.carriers, record.samples, record.round_trip_worst_us),
            (vec![], vec![], None)
        );
        assert_eq!((record.connections, record.updated), (1, 9 * SECOND));
    }
}
