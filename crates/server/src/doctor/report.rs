//! What the checks found, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// As it should be.
    Ok,
    /// Not looked at, because it is not there or something for it is missing.
    Skip,
    /// It works, but not as well as it could.
    Warn,
    /// It does not work.
    Fail,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// Names the check; programs go by it.
    pub(crate) check: &'static str,
    pub(crate) status: Status,
    /// What was found.
    pub(crate) found: String,
    /// What to do about it; empty when there is nothing to do.
    pub(crate) advice: String,
}

impl Finding {
    pub(crate) fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self::of(check, Status::Ok, found, "")
    }

    pub(crate) fn skip(check: &'static str, found: impl Into<String>) -> Self {
        Self::of(check, Status::Skip, found, "")
    }

    pub(crate) fn warn(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::of(check, Status::Warn, found, advice)
    }

    pub(crate) fn fail(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::of(check, Status::Fail, found, advice)
    }

    fn of(check: &'static str, status: Status, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            check,
            status,
            found: found.into(),
            advice: advice.into(),
        }
    }
}

/// What all checks found.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// In the order in which they were made.
    pub(crate) checks: Vec<Finding>,
}

impl Report {
    /// Whether nothing failed.
    pub(crate) fn is_ok(&self) -> bool {
        self.checks.iter().all(|finding| finding.status != Status::Fail)
    }

    /// One line a check, the advice under it.
    pub(crate) fn text(&self) -> String {
        let width = self.checks.iter().map(|finding| finding.check.len()).max().unwrap_or(0);
        let mut text = String::new();
        for finding in &self.checks {
            let status = match finding.status {
                Status::Ok => "ok  ",
                Status::Skip => "skip",
                Status::Warn => "warn",
                Status::Fail => "FAIL",
            };
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{status}  {:width$}  {}", finding.check, finding.found);
            if !finding.advice.is_empty() {
                let _ = writeln!(text, "      {:width$}  → {}", "", finding.advice);
            }
        }
        let _ = writeln!(text, "{}", self.verdict());
        text
    }

    /// For programs.
    pub(crate) fn json(&self) -> String {
        let value = serde_json::json!({ "ok": self.is_ok(), "checks": self.checks });
        format!("{value:#}\n")
    }

    fn verdict(&self) -> String {
        let count = |status| self.checks.iter().filter(|finding| finding.status == status).count();
        match (count(Status::Fail), count(Status::Warn)) {
            (0, 0) => "everything that was checked is as it should be".to_owned(),
            (0, warned) => format!("it works; {warned} could be better"),
            (failed, _) => format!("{failed} failed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_was_found_and_the_next_what_to_do() {
        let report = Report {
            checks: vec![
                Finding::ok("https", "answers"),
                Finding::warn("clock", "7 s ahead", "set it"),
                Finding::skip("relay", "not configured"),
            ],
        };
        assert_eq!(
            report.text(),
            "ok    https  answers\nwarn  clock  7 s ahead\n             → set it\nskip  relay  not configured\nit works; 1 could be better\n"
        );
        assert!(report.is_ok());
    }

    #[test]
    fn one_failure_fails_it_all_for_people_and_programs() {
        let report = Report {
            checks: vec![Finding::ok("https", "answers"), Finding::fail("clock", "an hour ahead", "set it")],
        };
        assert!(!report.is_ok() && report.text().ends_with("1 failed\n"));
        let json: serde_json::Value = serde_json::from_str(&report.json()).expect("it is JSON");
        assert_eq!(
            (json["ok"].as_bool(), json["checks"][1]["status"].as_str()),
            (Some(false), Some("fail"))
        );
        assert!(Report::default().is_ok());
    }
}
