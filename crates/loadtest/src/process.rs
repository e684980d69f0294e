//! What the kernel says of processes and of the machine: processor time, memory, load. Linux only; elsewhere everything is [`ProcessError`].

use std::fs;
use std::time::Duration;

/// A process cannot be looked at.
#[derive(Debug, thiserror::Error)]
#[error("process {process} cannot be looked at ({source}); has it ended?")]
pub struct ProcessError {
    /// Its number.
    pub process: u32,
    source: std::io::Error,
}

/// A running process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process(pub u32);

impl Process {
    /// This one.
    pub fn own() -> Self {
        Self(std::process::id())
    }

    fn error(self, source: std::io::Error) -> ProcessError {
        ProcessError { process: self.0, source }
    }

    /// How long its threads were on a processor, to the nanosecond (the first field of `schedstat`). A thread that ends takes its time with it.
    ///
    /// # Errors
    /// [`ProcessError`].
    pub fn on_cpu(self) -> Result<Duration, ProcessError> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.0)).map_err(|error| self.error(error))?;
        let time = |task: std::io::Result<fs::DirEntry>| {
            let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        };
        Ok(Duration::from_nanos(tasks.filter_map(time).sum()))
    }

    /// Its resident memory in kB, without the pages of its program file: these are there once for however many people, and come in as code is first run.
    ///
    /// # Errors
    /// [`ProcessError`].
    pub fn resident(self) -> Result<u64, ProcessError> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.0)).map_err(|error| self.error(error))?;
        let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap_or_default();
        Ok(line.trim().trim_end_matches(" kB").parse().unwrap_or(0))
    }
}

/// The load average of the last minute.
pub fn load_average() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// How long all processors were busy since the machine started. Sampled by ticks: good over seconds.
pub fn machine_busy() -> Option<Duration> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let ticks: Vec<u64> = text
        .lines()
        .next()?
        .split_whitespace()
        .skip(1)
        .map_while(|field| field.parse().ok())
        .collect();
    // user, nice, system, idle, iowait, irq, softirq, steal: the two in the middle are no work. A tick of this file is 10 ms everywhere.
    let busy: u64 = ticks
        .iter()
        .take(8)
        .enumerate()
        .filter(|(place, _)| ![3, 4].contains(place))
        .map(|(_, ticks)| ticks)
        .sum();
    Some(Duration::from_millis(busy * 10))
}

/// How long the kernel's threads for postponed network work were on a processor: work that is charged to nobody else.
pub fn softirq_threads() -> Duration {
    let Ok(all) = fs::read_dir("/proc") else { return Duration::ZERO };
    let numbers = all.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let is_one = |process: &u32| fs::read_to_string(format!("/proc/{process}/comm")).is_ok_and(|name| name.starts_with("ksoftirqd/"));
    numbers.filter(is_one).filter_map(|process| Process(process).on_cpu().ok()).sum()
}

/// Raises the limit of open files as far as it goes without being asked: a participant has a socket.
pub fn raise_file_limit() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // Refused or not: what counts is what holds afterwards.
    let _ = setrlimit(Resource::Nofile, wanted);
    getrlimit(Resource::Nofile).current
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_and_memory_of_a_process_grow_and_a_dead_one_is_an_error() {
        let before = Process::own().on_cpu().unwrap();
        let mut sum = 0_u64;
        while Process::own().on_cpu().unwrap() < before + Duration::from_millis(20) {
            sum = (0..100_000).fold(sum, |sum, number| std::hint::black_box(sum ^ number));
        }
        assert!(Process::own().resident().unwrap() > 500, "{sum}");
        assert!(Process(u32::MAX).on_cpu().is_err());
        assert!(machine_busy().unwrap() > Duration::from_millis(20));
        assert!(load_average().unwrap() >= 0.0);
    }
}
