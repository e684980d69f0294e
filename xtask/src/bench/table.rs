//! From runs to tables: medians with their range, ratios, and whether what we claim holds.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde_json::{Value, json};

use super::target::Kind;

/// One run.
#[derive(Clone)]
pub(super) struct Sample {
    pub(super) target: &'static str,
    pub(super) shape: String,
    pub(super) repetition: usize,
    /// The generator's numbers, or why there are none.
    pub(super) outcome: Result<Value, String>,
}

/// All runs.
#[derive(Default)]
pub(super) struct Samples(Vec<Sample>);

/// A median and what it lies between.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) min: f64,
    pub(super) max: f64,
}

/// Something that we say of our engine, and whether these runs show it.
pub(super) struct Claim {
    pub(super) text: String,
    pub(super) value: Option<f64>,
    pub(super) limit: f64,
    /// More is better.
    pub(super) at_least: bool,
}

const OURS: &str = "ours";
const SOUP: &str = "mediasoup (2021)";
const JANUS: &str = "Janus, one loop";

/// Columns: heading, place in the generator's numbers, digits.
const COLUMNS: [(&str, &str, usize); 9] = [
    ("packets/s", "/delivered", 0),
    ("server µs/packet", "/server_us", 2),
    ("p50 ms", "/latency/p50", 2),
    ("p99 ms", "/latency/p99", 2),
    ("p99.9 ms", "/latency/p999", 2),
    ("lost %", "/lost", 3),
    ("join CPU ms", "/join_cpu_ms", 2),
    ("kB joined", "/joined_kb", 0),
    ("kB in media", "/media_kb", 0),
];

impl Spread {
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let upper = *sorted.get(middle)?;
        let lower = if sorted.len().is_multiple_of(2) {
            *sorted.get(middle.checked_sub(1)?)?
        } else {
            upper
        };
        Some(Self {
            median: f64::midpoint(lower, upper),
            min,
            max,
        })
    }

    fn shown(self, digits: usize) -> String {
        let number = |value: f64| format!("{value:.digits$}");
        let (median, min, max) = (number(self.median), number(self.min), number(self.max));
        if min == max { median } else { format!("{median} [{min}–{max}]") }
    }
}

impl Sample {
    /// As it was kept.
    pub(super) fn from_json(kept: &Value) -> Result<Self> {
        let text = |name: &str| kept[name].as_str();
        let name = text("target").context("a run without its server")?;
        let target = Kind::value_variants().iter().map(|kind| kind.name()).find(|known| *known == name);
        Ok(Self {
            target: target.with_context(|| format!("there is no server \"{name}\""))?,
            shape: text("shape").context("a run without its shape")?.to_owned(),
            repetition: usize::try_from(kept["repetition"].as_u64().unwrap_or_default())?,
            outcome: match text("error") {
                Some(error) => Err(error.to_owned()),
                None => Ok(kept["outcome"].clone()),
            },
        })
    }

    fn to_json(&self) -> Value {
        let (outcome, error) = (self.outcome.as_ref().ok(), self.outcome.as_ref().err());
        json!({"target": self.target, "shape": self.shape, "repetition": self.repetition, "outcome": outcome, "error": error})
    }

    /// For the person who watches.
    pub(super) fn line(&self) -> String {
        let head = format!("{:18} {:14}", self.target, self.shape);
        match &self.outcome {
            Err(error) => format!("{head} failed: {error}"),
            Ok(outcome) => {
                let get = |place: &str| outcome.pointer(place).and_then(Value::as_f64).unwrap_or_default();
                let remark = ["void", "noisy"]
                    .iter()
                    .find_map(|kind| Some(format!(" ({kind}: {})", outcome[*kind].as_str()?)));
                format!(
                    "{head} {:7.0} packets/s {:6.2} us p50 {:7.2} ms p99 {:7.2} ms lost {:.3} % server {:.0} % generator {:.0} %{}",
                    get("/delivered"),
                    get("/server_us"),
                    get("/latency/p50"),
                    get("/latency/p99"),
                    get("/lost") * 100.0,
                    get("/server_busy") * 100.0,
                    get("/generator_busy") * 100.0,
                    remark.unwrap_or_default(),
                )
            }
        }
    }

    /// Packets a second, when nearly all came and in time; otherwise why not.
    pub(super) fn carried(&self) -> Result<f64, String> {
        let outcome = self.outcome.as_ref().map_err(Clone::clone)?;
        let get = |place: &str| outcome.pointer(place).and_then(Value::as_f64).unwrap_or(f64::MAX);
        if let Some(why) = outcome["void"].as_str() {
            return Err(why.to_owned());
        }
        if get("/lost") >= 0.001 {
            return Err(format!("{:.2} % lost", get("/lost") * 100.0));
        }
        if get("/delivered") < 0.99 * get("/offered") {
            return Err(format!("{:.0} of {:.0} packets a second", get("/delivered"), get("/offered")));
        }
        if get("/latency/p99") >= 50.0 {
            return Err(format!("p99 {:.0} ms", get("/latency/p99")));
        }
        Ok(get("/delivered"))
    }

    fn value(&self, place: &str) -> Option<f64> {
        let outcome = self.outcome.as_ref().ok()?;
        let value = outcome.pointer(place)?.as_f64()?;
        outcome["void"]
            .is_null()
            .then_some(if place == "/lost" { value * 100.0 } else { value })
    }
}

impl Samples {
    pub(super) fn push(&mut self, sample: Sample) {
        self.0.push(sample);
    }

    pub(super) fn to_json(&self) -> Value {
        self.0.iter().map(Sample::to_json).collect()
    }

    /// Of the runs that count.
    pub(super) fn spread(&self, target: &str, shape: &str, place: &str) -> Option<Spread> {
        let of = self.0.iter().filter(|sample| sample.target == target && sample.shape == shape);
        Spread::of(&of.filter_map(|sample| sample.value(place)).collect::<Vec<f64>>())
    }

    /// Names in the order in which they first came.
    fn distinct<'a>(&'a self, name: impl Fn(&'a Sample) -> &'a str) -> Vec<&'a str> {
        let mut names = Vec::new();
        for sample in &self.0 {
            if !names.contains(&name(sample)) {
                names.push(name(sample));
            }
        }
        names
    }

    /// Runs that others on the machine disturbed.
    pub(super) fn noisy(&self) -> usize {
        self.0
            .iter()
            .filter(|sample| sample.outcome.as_ref().is_ok_and(|outcome| !outcome["noisy"].is_null()))
            .count()
    }

    /// How our engine does as meetings grow: a line for each of these shapes that was measured.
    pub(super) fn growth(&self, shapes: &[&str]) -> String {
        let columns: Vec<_> = COLUMNS.iter().filter(|(heading, ..)| *heading != "p99.9 ms").collect();
        let headings: Vec<&str> = columns.iter().map(|(heading, ..)| *heading).collect();
        let mut text = format!("| shape | {} |\n|---|{}\n", headings.join(" | "), "---|".repeat(columns.len()));
        for shape in shapes {
            if self.spread(OURS, shape, "/delivered").is_none() {
                continue;
            }
            let cell = |(_, place, digits): &&(&str, &str, usize)| {
                let spread = self.spread(OURS, shape, place);
                spread.map_or_else(String::new, |spread| format!("{:.digits$}", spread.median))
            };
            let _ = writeln!(text, "| {shape} | {} |", columns.iter().map(cell).collect::<Vec<_>>().join(" | "));
        }
        text
    }

    /// A table for each shape, a line for each server, and a line of ratios for each peer. Without the shapes that only ours was put under, where others ran.
    pub(super) fn tables(&self) -> String {
        let mut text = String::new();
        let alone = |shape: &&str| {
            self.0
                .iter()
                .filter(|sample| sample.shape == **shape)
                .all(|sample| sample.target == OURS)
        };
        let peers = self.0.iter().any(|sample| sample.target != OURS);
        let shapes = self.distinct(|sample| sample.shape.as_str());
        for shape in shapes.into_iter().filter(|shape| !(peers && alone(shape))) {
            let headings: Vec<&str> = COLUMNS.iter().map(|(heading, ..)| *heading).collect();
            let _ = writeln!(
                text,
                "**{shape}**\n\n| server | {} |\n|---|{}",
                headings.join(" | "),
                "---|".repeat(COLUMNS.len())
            );
            for target in self.distinct(|sample| sample.target) {
                if self.spread(target, shape, "/delivered").is_none() {
                    continue;
                }
                let cell = |(_, place, digits): &(&str, &str, usize)| {
                    self.spread(target, shape, place)
                        .map_or_else(String::new, |spread| spread.shown(*digits))
                };
                let _ = writeln!(text, "| {target} | {} |", COLUMNS.iter().map(cell).collect::<Vec<_>>().join(" | "));
                if target != OURS {
                    let ratio = |(_, place, _): &(&str, &str, usize)| match (*place, self.ratio(target, shape, place)) {
                        ("/delivered" | "/lost", _) | (_, None) => String::new(),
                        (_, Some(ratio)) => format!("{ratio:.2}"),
                    };
                    let _ = writeln!(
                        text,
                        "| *ours ÷ {target}* | {} |",
                        COLUMNS.iter().map(ratio).collect::<Vec<_>>().join(" | ")
                    );
                }
            }
            if let Some(lines) = self.first_packets(shape) {
                let _ = writeln!(text, "\n{lines}");
            }
            text.push('\n');
        }
        text
    }

    /// From the request to join to the first picture, where it was measured.
    fn first_packets(&self, shape: &str) -> Option<String> {
        let of = |target: &str| {
            let place = |place: &str| self.spread(target, shape, place).map(|spread| spread.shown(0));
            Some(format!(
                "{target} {} / {}",
                place("/first_packet/p50")?,
                place("/first_packet/p99")?
            ))
        };
        let all: Vec<String> = self.distinct(|sample| sample.target).into_iter().filter_map(of).collect();
        (!all.is_empty()).then(|| format!("From the request to the first packet of video, p50 / p99 ms: {}.", all.join("; ")))
    }

    /// Ours divided by theirs, of medians.
    pub(super) fn ratio(&self, target: &str, shape: &str, place: &str) -> Option<f64> {
        let (ours, theirs) = (self.spread(OURS, shape, place)?, self.spread(target, shape, place)?);
        (theirs.median > 0.0).then(|| ours.median / theirs.median)
    }

    /// What we say of the engine.
    pub(super) fn claims(&self, floor: Option<Spread>, most: &[Value]) -> Vec<Claim> {
        let own = |shape: &str, place: &str| self.spread(OURS, shape, place).map(|spread| spread.median);
        let at_most = |text: &str, value: Option<f64>, limit: f64| Claim {
            text: text.to_owned(),
            value,
            limit,
            at_least: false,
        };
        // Gaps say nothing of what was never sent.
        let lost = |shape: &str| {
            let (delivered, offered) = (own(shape, "/delivered")?, own(shape, "/offered")?);
            own(shape, "/lost").map(|lost| lost.max((1.0 - delivered / offered) * 100.0))
        };
        let (webinar, cost) = ("webinar:200", "/server_us");
        let over_floor = own(webinar, cost).zip(floor).map(|(cost, floor)| cost / floor.median);
        let packets = most
            .iter()
            .find(|one| one["target"] == OURS)
            .and_then(|one| one["packets"].as_f64());
        let mut claims = vec![
            at_most(
                "webinar 1→200: CPU per packet ÷ mediasoup (2021)",
                self.ratio(SOUP, webinar, cost),
                0.45,
            ),
            at_most(
                "webinar 1→200: CPU per packet ÷ Janus, one loop",
                self.ratio(JANUS, webinar, cost),
                0.25,
            ),
            at_most("webinar 1→200: CPU per packet ÷ floor", over_floor, 3.3),
            at_most("ten: CPU per packet ÷ mediasoup (2021)", self.ratio(SOUP, "ten", cost), 0.5),
        ];
        for shape in ["webinar:200", "ten", "fifty:10", "pairs:50", "storm:100"] {
            claims.push(at_most(
                &format!("{shape}: p99 latency ÷ mediasoup (2021)"),
                self.ratio(SOUP, shape, "/latency/p99"),
                0.5,
            ));
        }
        claims.extend([
            at_most("webinar 1→200: kB per person in media", own(webinar, "/media_kb"), 100.0),
            at_most("ten: kB per person in media", own("ten", "/media_kb"), 300.0),
            at_most("five times ten: kB per person in media", own("tens:5", "/media_kb"), 300.0),
            at_most("webinar 1→200: join, CPU ms", own(webinar, "/join_cpu_ms"), 4.0),
            Claim {
                text: "packets/s on one core under 0.1 % loss".to_owned(),
                value: packets,
                limit: 100_000.0,
                at_least: true,
            },
            at_most("audio 1→1000: lost %", lost("audio:1000"), 0.1),
            at_most("nine small videos and five voices → 300: lost %", lost("grid:300"), 0.1),
        ]);
        claims
    }
}

impl Claim {
    /// Nothing when it was not measured.
    pub(super) fn holds(&self) -> Option<bool> {
        self.value
            .map(|value| if self.at_least { value >= self.limit } else { value <= self.limit })
    }
}

/// One line for each.
pub(super) fn claims_table(claims: &[Claim]) -> String {
    let mut text = "| target | measured | limit | |\n|---|---|---|---|\n".to_owned();
    for claim in claims {
        let digits = if claim.limit >= 1_000.0 { 0 } else { 2 };
        let value = claim
            .value
            .map_or_else(|| "not measured".to_owned(), |value| format!("{value:.digits$}"));
        let (sign, verdict) = (
            if claim.at_least { "≥" } else { "≤" },
            match claim.holds() {
                Some(true) => "reached",
                Some(false) => "**missed**",
                None => "",
            },
        );
        let _ = writeln!(text, "| {} | {value} | {sign} {:.digits$} | {verdict} |", claim.text, claim.limit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(target: &'static str, repetition: usize, us: f64, void: Option<&str>) -> Sample {
        let outcome = json!({
            "delivered": 40_000.0, "offered": 40_000, "server_us": us, "lost": 0.0, "latency": {"p99": 4.0}, "void": void, "noisy": null,
        });
        Sample {
            target,
            shape: "webinar:200".to_owned(),
            repetition,
            outcome: Ok(outcome),
        }
    }

    #[test]
    fn a_median_lies_between_what_was_measured() {
        assert_eq!(Spread::of(&[]), None);
        assert_eq!(
            Spread::of(&[3.0, 1.0, 2.0]),
            Some(Spread {
                median: 2.0,
                min: 1.0,
                max: 3.0
            })
        );
        assert_eq!(Spread::of(&[4.0, 1.0]).unwrap().median, 2.5);
        assert_eq!(Spread::of(&[2.0, 1.0, 4.0]).unwrap().shown(1), "2.0 [1.0–4.0]");
        assert_eq!(Spread::of(&[2.0]).unwrap().shown(1), "2.0");
    }

    #[test]
    fn void_runs_count_for_nothing_and_ratios_are_of_medians() {
        let mut samples = Samples::default();
        for (repetition, us) in [4.0, 5.0, 6.0].into_iter().enumerate() {
            samples.push(sample(OURS, repetition, us, None));
            samples.push(sample(SOUP, repetition, 10.0, None));
        }
        samples.push(sample(OURS, 3, 900.0, Some("the generator was full")));
        assert_eq!(samples.ratio(SOUP, "webinar:200", "/server_us"), Some(0.5));
        let claims = samples.claims(Spread::of(&[2.0]), &[]);
        let holds: Vec<Option<bool>> = claims.iter().take(3).map(Claim::holds).collect();
        // 0.5 of mediasoup is too much, Janus was not run, and 2.5 floors are within 3.3.
        assert_eq!(holds, [Some(false), None, Some(true)]);
        assert!(
            samples.tables().contains("| *ours ÷ mediasoup (2021)* |  | 0.50 |"),
            "{}",
            samples.tables()
        );
        assert!(claims_table(&claims).contains("| 2.50 | ≤ 3.30 | reached |"));
    }

    #[test]
    fn what_was_kept_is_read_again() {
        let ran = sample(SOUP, 2, 4.5, Some("the generator was full"));
        let failed = Sample {
            outcome: Err("it did not start".to_owned()),
            ..sample(OURS, 0, 0.0, None)
        };
        for kept in [ran.to_json(), failed.to_json()] {
            assert_eq!(Sample::from_json(&kept).unwrap().to_json(), kept);
        }
        let mut stranger = ran.to_json();
        stranger["target"] = "somebody's".into();
        assert!(Sample::from_json(&stranger).is_err_and(|error| error.to_string().contains("somebody's")));
    }

    #[test]
    fn shapes_of_ours_alone_are_in_the_table_of_growth_only() {
        let mut samples = Samples::default();
        samples.push(sample(OURS, 0, 4.0, None));
        samples.push(sample(SOUP, 0, 10.0, None));
        samples.push(Sample {
            shape: "webinar:1000".to_owned(),
            ..sample(OURS, 0, 3.0, None)
        });
        assert!(samples.tables().contains("webinar:200") && !samples.tables().contains("webinar:1000"));
        let growth = samples.growth(&["webinar:200", "webinar:1000", "audio:1000"]);
        assert!(growth.contains("| webinar:200 | 40000 | 4.00 |") && growth.contains("| webinar:1000 | 40000 | 3.00 |"));
        assert!(!growth.contains("audio"), "{growth}");
    }

    #[test]
    fn a_server_carries_what_arrives_nearly_whole_and_in_time() {
        let with = |place: &str, value: f64| {
            let mut one = sample(OURS, 0, 4.0, None);
            *one.outcome.as_mut().unwrap().pointer_mut(place).unwrap() = value.into();
            one.carried()
        };
        assert_eq!(with("/lost", 0.0005), Ok(40_000.0));
        assert!(with("/lost", 0.002).unwrap_err().contains("lost"));
        assert!(with("/latency/p99", 60.0).unwrap_err().contains("p99"));
        assert!(with("/delivered", 30_000.0).unwrap_err().contains("packets"));
        assert!(sample(OURS, 0, 4.0, Some("full")).carried().is_err());
    }
}
