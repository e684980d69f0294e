//! How much somebody may do in a time: buckets of tokens that fill up again. Pure; time is an argument.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// What is granted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Tokens that come back in a second.
    pub per_second: f64,
    /// Most tokens that gather.
    pub burst: f64,
}

/// One bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    /// A full one.
    pub(crate) fn new(rate: Rate, now: Instant) -> Self {
        Self {
            tokens: rate.burst,
            filled: now,
        }
    }

    fn fill(&mut self, rate: Rate, now: Instant) {
        let passed = now.saturating_duration_since(self.filled);
        self.filled = self.filled.max(now);
        self.tokens = (self.tokens + passed.as_secs_f64() * rate.per_second).min(rate.burst);
    }

    /// Takes so many tokens if they are there.
    pub(crate) fn take(&mut self, rate: Rate, now: Instant, cost: f64) -> bool {
        self.fill(rate, now);
        let enough = self.tokens >= cost;
        if enough {
            self.tokens -= cost;
        }
        enough
    }

    /// Takes so many tokens, owing what is not there, and says how long the debt takes to pay.
    pub(crate) fn owe(&mut self, rate: Rate, now: Instant, cost: f64) -> Option<Duration> {
        self.fill(rate, now);
        self.tokens -= cost;
        (self.tokens < 0.0).then(|| Duration::try_from_secs_f64(-self.tokens / rate.per_second).unwrap_or(Duration::MAX))
    }
}

/// Whose share something is of: an IPv4 address, or an IPv6 network of 64 bits, which one household or office has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Source(IpAddr);

impl From<IpAddr> for Source {
    fn from(ip: IpAddr) -> Self {
        Self(match ip.to_canonical() {
            IpAddr::V4(ip) => ip.into(),
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        })
    }
}

/// Sources told apart at a time; others share a bucket with one of these.
const BUCKETS: usize = 4096;

/// What is granted to those who have proved nothing: so much to each source, so much to all. Takes the same memory however many sources there are, since
/// their addresses may be invented.
#[derive(Debug)]
pub(crate) struct Strangers {
    each: Rate,
    all: Rate,
    every: Bucket,
    buckets: Vec<Bucket>,
}

impl Strangers {
    pub(crate) fn new(each: Rate, all: Rate, now: Instant) -> Self {
        Self {
            each,
            all,
            every: Bucket::new(all, now),
            buckets: vec![Bucket::new(each, now); BUCKETS],
        }
    }

    /// Whether this source is answered once more.
    pub(crate) fn take(&mut self, now: Instant, ip: IpAddr) -> bool {
        let mut hasher = DefaultHasher::new();
        Source::from(ip).hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % BUCKETS as u64).unwrap_or_default();
        let Some(bucket) = self.buckets.get_mut(place) else { return false };
        bucket.take(self.each, now, 1.0) && self.every.take(self.all, now, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        per_second: 2.0,
        burst: 3.0,
    };

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(RATE, start);
        let took = (0..5).filter(|_| bucket.take(RATE, start, 1.0)).count();
        assert_eq!(took, 3);
        assert!(!bucket.take(RATE, start + Duration::from_millis(400), 1.0));
        assert!(bucket.take(RATE, start + Duration::from_millis(500), 1.0));
        // A clock that steps back neither gives nor takes.
        assert!(!bucket.take(RATE, start, 1.0));
        let later = start + Duration::from_secs(1000);
        assert_eq!((0..9).filter(|_| bucket.take(RATE, later, 1.0)).count(), 3);
    }

    #[test]
    fn what_is_owed_is_paid_by_waiting() {
        let start = Instant::now();
        let mut bucket = Bucket::new(RATE, start);
        assert_eq!(bucket.owe(RATE, start, 3.0), None);
        assert_eq!(bucket.owe(RATE, start, 1.0), Some(Duration::from_millis(500)));
        assert_eq!(bucket.owe(RATE, start + Duration::from_secs(1), 1.0), None);
    }

    #[test]
    fn one_source_does_not_use_up_the_share_of_another_and_all_have_one_together() {
        let start = Instant::now();
        let ip = |last: u8| IpAddr::from([192, 0, 2, last]);
        let all = Rate {
            per_second: 1.0,
            burst: 5.0,
        };
        let mut strangers = Strangers::new(RATE, all, start);
        assert_eq!((0..9).filter(|_| strangers.take(start, ip(1))).count(), 3);
        assert_eq!((0..9).filter(|_| strangers.take(start, ip(2))).count(), 2);
        assert!(!strangers.take(start, ip(3)));
    }

    #[test]
    fn a_network_of_64_bits_is_one_source() {
        let source = |ip: &str| Source::from(ip.parse::<IpAddr>().unwrap());
        assert_eq!(source("2001:db8::1"), source("2001:db8::2:0:0:1"));
        assert_ne!(source("2001:db8::1"), source("2001:db8:0:1::1"));
        assert_eq!(source("::ffff:192.0.2.1"), source("192.0.2.1"));
        assert_ne!(source("192.0.2.1"), source("192.0.2.2"));
    }
}
