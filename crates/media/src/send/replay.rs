//! Which reports of a client were taken: one that somebody heard and sends again changes nothing (RFC 3711 §3.3.2).

use super::window::Window;

/// Names under which one client reports at a time. The one that was silent longest is forgotten for a new one, which only the client itself can bring
/// about: nobody else seals reports.
const MOST: usize = 64;

/// The indexes of a client's reports.
#[derive(Debug, Default)]
pub(super) struct Replay {
    /// By SSRC; who was heard last is last.
    windows: Vec<(u32, Window)>,
}

impl Replay {
    /// Takes a report that was opened. False when it was taken before, or is too far behind to know.
    pub(super) fn take(&mut self, ssrc: u32, index: u32) -> bool {
        let known = self.windows.iter().position(|(known, _)| *known == ssrc);
        let (_, mut window) = match known {
            Some(at) => self.windows.remove(at),
            None => (ssrc, Window::default()),
        };
        let taken = window.take(index.into());
        if self.windows.len() >= MOST {
            self.windows.remove(0);
        }
        self.windows.push((ssrc, window));
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_index_of_each_name_is_taken_once() {
        let mut replay = Replay::default();
        assert!(replay.take(7, 5));
        assert!(replay.take(8, 5), "another name counts by itself");
        assert!(replay.take(7, 4), "late, but new");
        assert!(!replay.take(7, 5));
        assert!(!replay.take(8, 5));
        assert!(replay.take(8, 6));
    }

    #[test]
    fn more_names_than_a_client_can_have_push_out_the_one_that_is_silent_longest() {
        let mut replay = Replay::default();
        for ssrc in 0..64 {
            assert!(replay.take(ssrc, 1));
        }
        assert!(replay.take(0, 2), "heard again");
        assert!(replay.take(100, 1));
        assert_eq!(replay.windows.len(), MOST);
        assert!(!replay.take(0, 2), "still known");
        assert!(replay.take(1, 1), "forgotten");
    }
}
