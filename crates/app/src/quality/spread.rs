//! The middle of many values in little memory.
//!
//! Values are counted in classes, eight between a number and its double, so the middle is right to within a sixteenth. The lowest and the highest value
//! are kept exactly. Time to add: constant. Memory: one count for each class that can be.

/// Classes between a number and its double, as a power of two.
const FINE: u32 = 3;
/// Values are below 2^40: a terabit a second, twelve days in microseconds. Larger ones count as this.
const BITS: u32 = 40;
const CLASSES: usize = ((BITS - FINE + 1) << FINE) as usize;

/// Values, as far as their middle and their ends are concerned.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    classes: Box<[u32; CLASSES]>,
    count: u64,
    lowest: u64,
    highest: u64,
}

impl Default for Spread {
    fn default() -> Self {
        Self {
            classes: Box::new([0; CLASSES]),
            count: 0,
            lowest: u64::MAX,
            highest: 0,
        }
    }
}

impl Spread {
    pub(super) fn add(&mut self, value: u64) {
        let value = value.min((1 << BITS) - 1);
        if let Some(class) = self.classes.get_mut(class_of(value)) {
            *class = class.saturating_add(1);
        }
        self.count += 1;
        self.lowest = self.lowest.min(value);
        self.highest = self.highest.max(value);
    }

    pub(super) fn lowest(&self) -> Option<u64> {
        (self.count > 0).then_some(self.lowest)
    }

    pub(super) fn highest(&self) -> Option<u64> {
        (self.count > 0).then_some(self.highest)
    }

    /// The value that half of them reach at most.
    pub(super) fn median(&self) -> Option<u64> {
        let mut before = 0_u64;
        let at = self.classes.iter().position(|class| {
            before += u64::from(*class);
            before * 2 >= self.count.max(1)
        })?;
        Some(middle_of(at).clamp(self.lowest, self.highest))
    }
}

/// The small numbers have a class each; of the others the highest bit and the three below it tell the class.
fn class_of(value: u64) -> usize {
    let highest = value.checked_ilog2().unwrap_or(0);
    let shift = highest.saturating_sub(FINE);
    let class = (u64::from(shift) << FINE) + (value >> shift);
    usize::try_from(class).unwrap_or(usize::MAX)
}

fn middle_of(class: usize) -> u64 {
    let class = class as u64;
    let shift = (class >> FINE).saturating_sub(1);
    let first = (class - (shift << FINE)) << shift;
    first + ((1 << shift) >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[u64]) -> Spread {
        let mut spread = Spread::default();
        values.iter().for_each(|value| spread.add(*value));
        spread
    }

    #[test]
    fn of_nothing_there_is_no_middle() {
        let none = Spread::default();
        assert_eq!((none.median(), none.lowest(), none.highest()), (None, None, None));
    }

    #[test]
    fn one_value_is_its_own_middle_exactly() {
        for value in [0, 1, 7, 8, 1_234_567, (1 << 40) - 1] {
            let one = of(&[value]);
            assert_eq!((one.median(), one.lowest(), one.highest()), (Some(value), Some(value), Some(value)));
        }
    }

    #[test]
    fn the_ends_are_exact_and_what_is_too_large_counts_as_the_largest() {
        let all = of(&[12_345, 7, 99_999, u64::MAX]);
        assert_eq!((all.lowest(), all.highest()), (Some(7), Some((1 << 40) - 1)));
    }

    proptest::proptest! {
        #[test]
        fn the_middle_is_right_to_within_a_sixteenth(mut values in proptest::collection::vec(0_u64..1 << 40, 1..200)) {
            let median = of(&values).median().expect("there are some");
            values.sort_unstable();
            let exact = values[(values.len() - 1) / 2];
            proptest::prop_assert!(median.abs_diff(exact) <= exact / 16 + 1, "{median} for {exact}");
        }
    }
}
