//! What the operating system says of this process and of its media threads. Linux only; elsewhere there is nothing to say.
//!
//! Reads `/proc`, which answers from memory. What cannot be read is left out.

use std::{collections::BTreeMap, fs, path::Path};

use super::page::{Label, Page};

/// How the names of media threads begin (`media::Engine`).
const MEDIA: &str = "media-";
/// The threads that read offers, one for each shard; together.
const OFFERS: &str = "offers";
/// The most threads that are looked at.
const MOST_THREADS: usize = 4_096;

/// Nanoseconds that a thread ran, and that it waited for a processor while it could have run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Spent {
    ran: u64,
    waited: u64,
}

/// What is read at once.
#[derive(Debug, Default)]
pub(super) struct Process {
    /// By number of the shard; nothing: the threads that read offers.
    media: BTreeMap<Option<usize>, Spent>,
    resident_bytes: Option<u64>,
    open_files: Option<u64>,
    most_files: Option<u64>,
}

impl Process {
    /// Reads everything. Blocks, though not for long.
    pub(super) fn read() -> Self {
        Self {
            media: media_threads(Path::new("/proc/self/task")),
            resident_bytes: resident(&fs::read_to_string("/proc/self/status").unwrap_or_default()),
            open_files: fs::read_dir("/proc/self/fd").ok().map(|files| files.count() as u64),
            most_files: rustix::process::getrlimit(rustix::process::Resource::Nofile).current,
        }
    }

    pub(super) fn write(&self, page: &mut Page) {
        for (name, help, value) in [
            (
                "anteroom_media_thread_cpu_seconds_total",
                "Time that a media thread ran",
                (|spent| spent.ran) as fn(&Spent) -> u64,
            ),
            (
                "anteroom_media_thread_wait_seconds_total",
                "Time that a media thread waited for a processor although it had work",
                |spent| spent.waited,
            ),
        ] {
            page.family(name, "counter", help);
            for (thread, spent) in &self.media {
                let thread = thread.map_or(Label::Word(OFFERS), Label::Number);
                page.sample(name, &[("thread", thread)], seconds(value(spent)));
            }
        }
        for (name, help, value) in [
            (
                "process_resident_memory_bytes",
                "Resident memory of the server",
                self.resident_bytes,
            ),
            ("process_open_fds", "Open files and sockets of the server", self.open_files),
            ("process_max_fds", "The most that it may have open", self.most_files),
        ] {
            if let Some(value) = value {
                page.gauge(name, help, value);
            }
        }
    }
}

fn media_threads(tasks: &Path) -> BTreeMap<Option<usize>, Spent> {
    let mut threads: BTreeMap<Option<usize>, Spent> = BTreeMap::new();
    for task in fs::read_dir(tasks).into_iter().flatten().flatten().take(MOST_THREADS) {
        // A thread may end between two looks.
        let read = |file: &str| fs::read_to_string(task.path().join(file)).unwrap_or_default();
        let Some(thread) = media_thread(&read("comm")) else { continue };
        let Some(spent) = spent(&read("schedstat")) else { continue };
        let all = threads.entry(thread).or_default();
        all.ran = all.ran.saturating_add(spent.ran);
        all.waited = all.waited.saturating_add(spent.waited);
    }
    threads
}

/// Which media thread has this name, if one has.
fn media_thread(name: &str) -> Option<Option<usize>> {
    match name.trim_end().strip_prefix(MEDIA)? {
        OFFERS => Some(None),
        number => number.parse().ok().map(Some),
    }
}

/// Reads a line of `schedstat`: nanoseconds run, nanoseconds waited, times chosen.
fn spent(line: &str) -> Option<Spent> {
    let mut numbers = line.split_whitespace().map(str::parse);
    Some(Spent {
        ran: numbers.next()?.ok()?,
        waited: numbers.next()?.ok()?,
    })
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib.saturating_mul(1024))
}

fn seconds(nanoseconds: u64) -> String {
    format!("{}.{:09}", nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_threads_are_known_by_name_and_others_are_not() {
        assert_eq!(media_thread("media-7\n"), Some(Some(7)));
        assert_eq!(media_thread("media-offers\n"), Some(None));
        for other in ["", "tokio-rt-worker", "media", "media-", "media-x", "multimedia-1"] {
            assert_eq!(media_thread(other), None, "{other}");
        }
    }

    #[test]
    fn times_and_memory_are_read_as_the_system_writes_them() {
        let read = Spent {
            ran: 224_116_743,
            waited: 558_076_256,
        };
        assert_eq!(spent("224116743 558076256 99\n"), Some(read));
        assert_eq!(spent(""), None);
        assert_eq!(spent("many 1 1"), None);
        assert_eq!(resident("Name:\tx\nVmRSS:\t   1234 kB\nThreads:\t3\n"), Some(1_263_616));
        assert_eq!(resident("Name:\tx\n"), None);
        assert_eq!(seconds(1_224_116_743), "1.224116743");
        assert_eq!(seconds(5), "0.000000005");
    }

    #[test]
    fn a_thread_that_works_is_seen_to() {
        let busy = std::thread::Builder::new().name("media-77".to_owned());
        let (tell, told) = std::sync::mpsc::sync_channel(0);
        let (end, ended) = std::sync::mpsc::sync_channel::<()>(0);
        let work = busy.spawn(move || {
            let mut sum = 0_u64;
            (0..5_000_000_u64).for_each(|number| sum = std::hint::black_box(sum.wrapping_add(number)));
            tell.send(sum).expect("the test listens");
            let _ = ended.recv();
        });
        told.recv().expect("the thread tells");
        let threads = media_threads(Path::new("/proc/self/task"));
        assert!(threads.get(&Some(77)).is_some_and(|spent| spent.ran > 0), "{threads:?}");
        drop(end);
        work.expect("a thread").join().expect("its end");
    }
}
