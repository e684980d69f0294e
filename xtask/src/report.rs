//! A list of steps, each with how it went; printed at the end, so that one look tells what failed.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How one step went.
enum Verdict {
    Passed,
    Failed(String),
    /// Could not be done here, and why; does not fail the run.
    Skipped(String),
}

struct Step {
    name: String,
    verdict: Verdict,
    lines: Vec<String>,
    took: Duration,
}

/// What a step hands back: the closing lines of its runner, or why it could not run here.
pub(crate) enum Done {
    Lines(Vec<String>),
    Skipped(String),
}

impl From<()> for Done {
    fn from((): ()) -> Self {
        Self::Lines(Vec::new())
    }
}

/// Collects steps.
#[derive(Default)]
pub(crate) struct Report {
    steps: Vec<Step>,
}

impl Report {
    /// Runs one step; a failure is kept and the next step still runs.
    pub(crate) fn step<D: Into<Done>>(&mut self, name: &str, action: impl FnOnce() -> Result<D>) {
        println!("\n=== {name} ===");
        let started = Instant::now();
        let (verdict, lines) = match action().map(Into::into) {
            Ok(Done::Lines(lines)) => (Verdict::Passed, lines),
            Ok(Done::Skipped(why)) => (Verdict::Skipped(why), Vec::new()),
            Err(error) => match error.downcast::<Failure>() {
                Ok(failure) => (Verdict::Failed(failure.to_string()), failure.lines),
                Err(error) => (Verdict::Failed(format!("{error:#}")), Vec::new()),
            },
        };
        self.steps.push(Step {
            name: name.to_owned(),
            verdict,
            lines,
            took: started.elapsed(),
        });
    }

    /// Prints all steps with the closing lines of their runners.
    pub(crate) fn finish(self) -> Result<()> {
        println!("\n=== summary ===");
        let mut failed = 0_usize;
        for step in &self.steps {
            let seconds = step.took.as_secs_f32();
            match &step.verdict {
                Verdict::Passed => println!("ok      {} ({seconds:.0} s)", step.name),
                Verdict::Skipped(why) => println!("skipped {}: {why}", step.name),
                Verdict::Failed(why) => {
                    failed += 1;
                    println!("FAILED  {} ({seconds:.0} s): {why}", step.name);
                }
            }
            for line in &step.lines {
                println!("        {line}");
            }
        }
        if failed > 0 {
            bail!("{failed} of {} steps failed", self.steps.len());
        }
        Ok(())
    }
}

/// A runner that ran and reported failures; its closing lines are shown.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) what: String,
    pub(crate) lines: Vec<String>,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_fails_the_whole_and_a_skipped_one_does_not() {
        let mut good = Report::default();
        good.step("passes", || Ok(()));
        good.step("cannot run here", || Ok(Done::Skipped("no network".to_owned())));
        assert!(good.finish().is_ok());

        let mut bad = Report::default();
        bad.step("fails", || -> Result<()> { bail!("broken") });
        bad.step("runs all the same", || Ok(()));
        assert_eq!(bad.steps.len(), 2);
        assert!(bad.finish().is_err());
    }
}
