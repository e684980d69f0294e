//! A page of metrics in the Prometheus text format, version 0.0.4.
//!
//! The types keep labels bounded: a value is a word of the program or a small number, never a text that somebody gave.

use std::fmt::Write as _;

use signal::quality::Histogram;

/// The value of a label.
#[derive(Debug, Clone, Copy)]
pub(super) enum Label {
    /// A word of the program.
    Word(&'static str),
    /// The number of a thread.
    Number(usize),
}

/// Labels of a sample.
pub(super) type Labels<'a> = &'a [(&'static str, Label)];

/// The page, as far as it is written.
#[derive(Debug, Default)]
pub(super) struct Page(String);

impl Page {
    /// One number that only grows; its name ends with `_total`.
    pub(super) fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.family(name, "counter", help);
        self.sample(name, &[], value);
    }

    /// One number that is what it is now.
    pub(super) fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.family(name, "gauge", help);
        self.sample(name, &[], value);
    }

    /// Begins several samples of one name.
    pub(super) fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    /// A sample of the family that was begun last.
    pub(super) fn sample(&mut self, name: &str, labels: Labels<'_>, value: impl std::fmt::Display) {
        self.0.push_str(name);
        for (place, (label, value)) in labels.iter().enumerate() {
            let before = if place == 0 { '{' } else { ',' };
            let _ = match value {
                Label::Word(word) => write!(self.0, "{before}{label}=\"{word}\""),
                Label::Number(number) => write!(self.0, "{before}{label}=\"{number}\""),
            };
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    /// A histogram with at most one label; several of one name differ in its value.
    pub(super) fn histogram(&mut self, name: &str, help: &str, series: &[(Labels<'_>, &Histogram)]) {
        self.family(name, "histogram", help);
        for (labels, histogram) in series {
            let own: String = labels
                .iter()
                .filter_map(|(label, value)| match value {
                    Label::Word(word) => Some(format!("{label}=\"{word}\",")),
                    Label::Number(_) => None,
                })
                .collect();
            for (bound, count) in histogram.buckets() {
                let bound = if bound.is_finite() { bound.to_string() } else { "+Inf".to_owned() };
                let _ = writeln!(self.0, "{name}_bucket{{{own}le=\"{bound}\"}} {count}");
            }
            self.sample(&format!("{name}_sum"), labels, histogram.sum());
            self.sample(&format!("{name}_count"), labels, histogram.count());
        }
    }

    /// The page.
    pub(super) fn text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_stand_under_their_family_with_their_labels() {
        let mut page = Page::default();
        page.counter("a_total", "Things", 3);
        page.family("b", "gauge", "Others");
        page.sample("b", &[("shard", Label::Number(1)), ("carrier", Label::Word("udp"))], 0.5);
        let expected = "# HELP a_total Things\n# TYPE a_total counter\na_total 3\n# HELP b Others\n# TYPE b gauge\nb{shard=\"1\",carrier=\"udp\"} 0.5\n";
        assert_eq!(page.text(), expected);
    }
}
