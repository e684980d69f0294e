//! Counts failed passwords and says when the next attempt is read.
//!
//! Three counters per attempt: the account from this source (a person who forgot), the source (one machine trying many
//! accounts), the account (many machines trying one). An unknown account is counted like a known one, so that nothing is
//! learnt from being throttled. A success clears the pair only. Pure: the time is an argument. The table is bounded: when it
//! is full, windows that are over go first, then those with the fewest failures, the oldest of them first. An attacker with
//! that many addresses is held by the account's own counter, which has the highest limit and so goes last.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::Micros;

const WINDOW: Micros = 15 * 60 * 1_000_000;
const PAIR_LIMIT: u32 = 8;
const SOURCE_LIMIT: u32 = 60;
const ACCOUNT_LIMIT: u32 = 100;
const CAPACITY: usize = 16 * 1024;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Counter {
    Pair(String, Option<IpAddr>),
    Source(IpAddr),
    Account(String),
}

impl Counter {
    fn limit(&self) -> u32 {
        match self {
            Self::Pair(..) => PAIR_LIMIT,
            Self::Source(_) => SOURCE_LIMIT,
            Self::Account(_) => ACCOUNT_LIMIT,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Window {
    began: Micros,
    failures: u32,
}

/// Failed sign-ins of the last quarter of an hour.
#[derive(Debug, Default)]
pub struct SignInThrottle {
    windows: Mutex<HashMap<Counter, Window>>,
}

impl SignInThrottle {
    /// Counts an attempt as failed before its password is looked at, so that attempts running side by side cannot slip
    /// through together; [`Self::succeeded`] takes it back.
    ///
    /// # Errors
    /// The seconds to wait, when one of the counters is full.
    pub fn begin(&self, account: &str, source: Option<IpAddr>, now: Micros) -> Result<(), u32> {
        let counters = counters(account, source);
        let mut windows = self.lock();
        let waits = counters.iter().filter_map(|counter| {
            let window = windows.get(counter).filter(|window| now < window.began + WINDOW)?;
            (window.failures >= counter.limit()).then(|| window.began + WINDOW - now)
        });
        if let Some(wait) = waits.max() {
            return Err(u32::try_from(wait / 1_000_000 + 1).unwrap_or(u32::MAX));
        }
        make_room(&mut windows, now);
        for counter in counters {
            let window = windows.entry(counter).or_insert(Window { began: now, failures: 0 });
            if now >= window.began + WINDOW {
                *window = Window { began: now, failures: 0 };
            }
            window.failures = window.failures.saturating_add(1);
        }
        Ok(())
    }

    /// The attempt that began was right: it no longer counts, and the account starts afresh from this source.
    pub fn succeeded(&self, account: &str, source: Option<IpAddr>) {
        let mut windows = self.lock();
        for counter in counters(account, source) {
            if matches!(counter, Counter::Pair(..)) {
                windows.remove(&counter);
            } else if let Some(window) = windows.get_mut(&counter) {
                window.failures = window.failures.saturating_sub(1);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Counter, Window>> {
        // A panic elsewhere cannot leave a counter half written.
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn counters(account: &str, source: Option<IpAddr>) -> Vec<Counter> {
    let account = account.trim().to_lowercase();
    let source = source.map(subnet);
    let mut counters = vec![Counter::Pair(account.clone(), source), Counter::Account(account)];
    counters.extend(source.map(Counter::Source));
    counters
}

/// One subscriber usually owns a whole IPv6 /64.
pub(crate) fn subnet(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & (u128::MAX << 64)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn make_room(windows: &mut HashMap<Counter, Window>, now: Micros) {
    if windows.len() + 3 <= CAPACITY {
        return;
    }
    windows.retain(|_, window| now < window.began + WINDOW);
    if windows.len() + 3 > CAPACITY {
        let weight = |window: &Window| (window.failures, window.began);
        let mut weights: Vec<_> = windows.values().map(weight).collect();
        weights.sort_unstable();
        let middle = weights.get(weights.len() / 2).copied().unwrap_or_default();
        windows.retain(|_, window| weight(window) > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));

    #[test]
    fn an_account_is_throttled_from_one_source_and_free_from_another() {
        let throttle = SignInThrottle::default();
        for _ in 0..PAIR_LIMIT {
            assert_eq!(throttle.begin("anna@example.org", SOURCE, 0), Ok(()));
        }
        assert_eq!(throttle.begin("ANNA@example.org ", SOURCE, 1_000_000), Err(900));
        assert_eq!(throttle.begin("anna@example.org", Some([192, 0, 2, 2].into()), 1_000_000), Ok(()));
    }

    #[test]
    fn the_window_ends() {
        let throttle = SignInThrottle::default();
        while throttle.begin("anna", SOURCE, 0).is_ok() {}
        assert!(throttle.begin("anna", SOURCE, WINDOW - 1).is_err());
        assert_eq!(throttle.begin("anna", SOURCE, WINDOW), Ok(()));
    }

    #[test]
    fn a_success_takes_the_attempt_back() {
        let throttle = SignInThrottle::default();
        for _ in 0..PAIR_LIMIT * 20 {
            assert_eq!(throttle.begin("anna", SOURCE, 0), Ok(()));
            throttle.succeeded("anna", SOURCE);
        }
    }

    #[test]
    fn a_source_that_tries_many_accounts_is_throttled() {
        let throttle = SignInThrottle::default();
        let tries = (0..1000)
            .take_while(|n| throttle.begin(&format!("user{n}"), SOURCE, 0).is_ok())
            .count();
        assert_eq!(tries, SOURCE_LIMIT as usize);
        assert_eq!(throttle.begin("user5000", Some([198, 51, 100, 7].into()), 0), Ok(()));
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one_source() {
        let throttle = SignInThrottle::default();
        let tries = (0..1000_u128)
            .take_while(|n| {
                throttle
                    .begin("anna", Some(IpAddr::V6((0x2001_0db8_u128 << 96 | n).into())), 0)
                    .is_ok()
            })
            .count();
        assert_eq!(tries, PAIR_LIMIT as usize);
    }

    #[test]
    fn an_account_at_its_limit_is_not_forgotten_when_the_table_is_full() {
        let throttle = SignInThrottle::default();
        let from = |n: u32| Some(IpAddr::V4(n.into()));
        for n in 0..ACCOUNT_LIMIT {
            assert_eq!(throttle.begin("anna", from(n), 0), Ok(()));
        }
        assert!(throttle.begin("anna", from(1_000_000), 1).is_err());
        for n in 0..40_000_u32 {
            assert_eq!(throttle.begin(&n.to_string(), from(1_000 + n), 2), Ok(()));
        }
        assert!(throttle.begin("anna", from(1_000_000), 3).is_err());
        assert_eq!(throttle.begin("ben", from(1_000_000), 3), Ok(()));
        assert_eq!(throttle.begin("anna", from(1_000_000), WINDOW), Ok(()));
    }

    #[test]
    fn the_table_stays_bounded() {
        let throttle = SignInThrottle::default();
        for n in 0..40_000_u32 {
            let _ = throttle.begin(&n.to_string(), Some(IpAddr::V4(n.into())), Micros::from(n));
        }
        assert!(throttle.lock().len() <= CAPACITY);
    }
}
