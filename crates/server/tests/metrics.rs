//! `/metrics`: well-formed to the letter, the same names as in the documentation, and labels from a fixed set.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod house;

use std::collections::{BTreeMap, BTreeSet};

use house::{House, client::get};

/// Labels of a series.
type Labels = Vec<(String, String)>;

const DOCUMENTED: &str = include_str!("../../../docs/operations/metrics.md");

#[derive(Debug, Default)]
struct Family {
    kind: String,
    samples: Vec<Sample>,
}

#[derive(Debug, PartialEq)]
struct Sample {
    name: String,
    labels: Vec<(String, String)>,
    value: f64,
}

/// Reads the page and panics at the first thing that the format does not have.
fn read(page: &str) -> BTreeMap<String, Family> {
    assert!(page.ends_with('\n'), "the last line ends too");
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        let (name, help) = line
            .strip_prefix("# HELP ")
            .expect("a family begins with its help")
            .split_once(' ')
            .unwrap();
        assert!(is_name(name), "{name}");
        assert!(help.len() > 5 && !help.ends_with('.'), "{line}");
        let kind = lines
            .next()
            .unwrap()
            .strip_prefix(&format!("# TYPE {name} "))
            .expect("its kind is next");
        assert!(["counter", "gauge", "histogram"].contains(&kind), "{kind}");
        assert_eq!(kind == "counter", name.ends_with("_total"), "{name} is a {kind}");
        let mut family = Family {
            kind: kind.to_owned(),
            samples: Vec::new(),
        };
        while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
            let sample = sample(line);
            let suffix = sample.name.strip_prefix(name).expect("samples stand under their family");
            let suffixes: &[&str] = if kind == "histogram" {
                &["_bucket", "_sum", "_count"]
            } else {
                &[""]
            };
            assert!(suffixes.contains(&suffix), "{line}");
            assert!(
                !family
                    .samples
                    .iter()
                    .any(|other| (&other.name, &other.labels) == (&sample.name, &sample.labels)),
                "twice: {line}"
            );
            family.samples.push(sample);
        }
        assert!(families.insert(name.to_owned(), family).is_none(), "{name} comes twice");
    }
    families
}

fn sample(line: &str) -> Sample {
    let (series, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = match series.split_once('{') {
        None => (series, Vec::new()),
        Some((name, labels)) => {
            let labels = labels.strip_suffix('}').expect("labels end").split(',').map(|label| {
                let (name, value) = label.split_once('=').unwrap();
                assert!(is_name(name), "{line}");
                let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap();
                (name.to_owned(), value.to_owned())
            });
            (name, labels.collect())
        }
    };
    let value: f64 = value.parse().unwrap();
    assert!(is_name(name) && value.is_finite() && value >= 0.0, "{line}");
    Sample {
        name: name.to_owned(),
        labels,
        value,
    }
}

fn is_name(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.bytes().all(word) && name.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
}

/// Buckets grow up to infinity, which is the count.
fn check_histogram(name: &str, family: &Family) {
    let mut series: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
    for sample in family.samples.iter().filter(|sample| sample.name.ends_with("_bucket")) {
        let (le, own): (Vec<_>, Vec<_>) = sample.labels.iter().cloned().partition(|(label, _)| label == "le");
        assert_eq!(le.len(), 1, "{name}");
        let bound = if le[0].1 == "+Inf" {
            f64::INFINITY
        } else {
            le[0].1.parse().unwrap()
        };
        series.entry(own).or_default().push((bound, sample.value));
    }
    assert!(!series.is_empty(), "{name}");
    for (labels, buckets) in series {
        assert!(buckets.is_sorted(), "{name} {buckets:?}");
        assert!(buckets.is_sorted_by_key(|(_, count)| *count), "{name} {buckets:?}");
        let (bound, all) = *buckets.last().unwrap();
        assert!(bound.is_infinite());
        let of = |suffix: &str| {
            let wanted = format!("{name}{suffix}");
            let found = family
                .samples
                .iter()
                .find(|sample| sample.name == wanted && sample.labels == labels);
            found.unwrap_or_else(|| panic!("no {wanted}")).value
        };
        assert_eq!(of("_count"), all);
        assert!(of("_sum") >= 0.0);
    }
}

/// Whether a label may have this value; the number of series is bounded by it.
fn is_bounded(label: &str, value: &str) -> bool {
    let number = |most: usize| value.parse::<usize>().is_ok_and(|number| number < most);
    match label {
        "shard" => number(64),
        "thread" => value == "offers" || number(64),
        "carrier" => ["none", "udp", "tcp", "relay"].contains(&value),
        "direction" => ["received", "sent"].contains(&value),
        "le" => value == "+Inf" || value.parse::<f64>().is_ok(),
        _ => false,
    }
}

#[tokio::test]
async fn the_page_is_well_formed_documented_and_bounded() {
    let house = House::start().await;
    let answer = house.http().send(get("/metrics")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let families = read(&answer.body);
    for (name, family) in &families {
        assert!(!family.samples.is_empty(), "{name}");
        for (label, value) in family.samples.iter().flat_map(|sample| &sample.labels) {
            assert!(is_bounded(label, value), "{name} {label}={value}");
        }
        if family.kind == "histogram" {
            check_histogram(name, family);
        }
    }
    let rows = DOCUMENTED
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|row| row.split_once("` | "));
    let kinds: BTreeMap<&str, &str> = rows
        .filter_map(|(name, rest)| Some((name, rest.split(" | ").next()?)))
        .filter(|(_, kind)| ["counter", "gauge", "histogram"].contains(kind))
        .collect();
    let shown: BTreeMap<&str, &str> = families
        .iter()
        .map(|(name, family)| (name.as_str(), family.kind.as_str()))
        .collect();
    let names = |of: &BTreeMap<&str, &str>| of.keys().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(
        names(&shown),
        names(&kinds),
        "the page and docs/operations/metrics.md name the same"
    );
    assert_eq!(shown, kinds);
    // The media threads are there, by name.
    let threads = &families["anteroom_media_thread_cpu_seconds_total"].samples;
    assert!(
        threads
            .iter()
            .any(|sample| sample.labels == [("thread".to_owned(), "0".to_owned())]),
        "{threads:?}"
    );
}

#[test]
fn the_reader_of_this_test_is_strict() {
    let good = "# HELP a_total Things counted\n# TYPE a_total counter\na_total{shard=\"0\"} 1\n";
    assert_eq!(read(good)["a_total"].samples.len(), 1);
    for bad in [
        "a_total 1\n",
        "# HELP a_total Things counted\na_total 1\n",
        "# HELP a Things counted\n# TYPE a counter\na 1\n",
        "# HELP a_total Things counted\n# TYPE a_total counter\nb_total 1\n",
        "# HELP a_total Things counted\n# TYPE a_total counter\na_total 1\na_total 2\n",
        "# HELP a_total Things counted\n# TYPE a_total counter\na_total NaN\n",
        "# HELP a_total Things counted\n# TYPE a_total counter\na_total{shard=0} 1\n",
        "# HELP a_total Things counted\n# TYPE a_total counter\na_total 1",
    ] {
        assert!(std::panic::catch_unwind(|| read(bad)).is_err(), "{bad}");
    }
    assert!(is_bounded("carrier", "udp") && !is_bounded("carrier", "Maria") && !is_bounded("meeting", "1"));
}
