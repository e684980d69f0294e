//! Which indexes of a stream were sealed: none may be sealed twice, since two texts under one key and nonce give both away.

/// How far behind the newest an index may come.
const WIDTH: u32 = 128;

/// The indexes of one SSRC.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Window {
    newest: Option<u64>,
    /// Bit n: the index n below the newest was taken.
    taken: u128,
}

impl Window {
    /// Takes an index. False when it was taken before, or is too far behind to know.
    pub(super) fn take(&mut self, index: u64) -> bool {
        let Some(newest) = self.newest else {
            self.newest = Some(index);
            self.taken = 1;
            return true;
        };
        if let Some(ahead) = index.checked_sub(newest).filter(|ahead| *ahead > 0) {
            let shift = u32::try_from(ahead).unwrap_or(u32::MAX);
            self.taken = self.taken.checked_shl(shift).unwrap_or(0) | 1;
            self.newest = Some(index);
            return true;
        }
        let behind = u32::try_from(newest - index).unwrap_or(u32::MAX);
        let Some(bit) = 1_u128.checked_shl(behind).filter(|_| behind < WIDTH) else {
            return false;
        };
        let free = self.taken & bit == 0;
        self.taken |= bit;
        free
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn late_indexes_are_taken_once_and_very_late_ones_never() {
        let mut window = Window::default();
        assert!(window.take(1_000));
        assert!(!window.take(1_000));
        assert!(window.take(1_003));
        assert!(window.take(1_001), "late, but new");
        assert!(!window.take(1_001));
        assert!(window.take(2_000));
        assert!(window.take(2_000 - 127));
        assert!(!window.take(2_000 - 128));
        assert!(!window.take(1_002));
    }

    proptest! {
        #[test]
        fn no_index_is_taken_twice(steps in prop::collection::vec(0_u64..400, 1..400)) {
            let (mut window, mut seen) = (Window::default(), HashSet::new());
            for (turn, step) in steps.into_iter().enumerate() {
                let index = turn as u64 + step;
                if window.take(index) {
                    prop_assert!(seen.insert(index));
                }
            }
        }
    }
}
