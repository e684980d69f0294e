//! Grades of a publication: which layer of simulcast, and of that stream which spatial and temporal layers.
//!
//! Invariant: a [`Grade`] that is larger is sharper, or as sharp and smoother.

use super::layers::Layer;

/// Most spatial and most temporal layers of a stream; what is beyond is part of the highest.
pub(crate) const SPATIAL: u8 = 3;
pub(crate) const TEMPORAL: u8 = 3;

/// What of a publication somebody receives: a stream, in it a spatial and a temporal layer, each with those below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Grade {
    pub(crate) layer: Layer,
    pub(crate) spatial: u8,
    pub(crate) temporal: u8,
}

impl Grade {
    /// Its place among the spatial grades, be they streams of their own or layers of one.
    pub(crate) fn rank(self) -> u8 {
        self.layer.0.saturating_add(self.spatial)
    }
}

/// Some of the (spatial, temporal) pairs of a stream, as what a receiver may be sent of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Targets(u16);

impl Targets {
    pub(crate) const NONE: Self = Self(0);
    /// Every temporal layer of the lowest spatial one: what a packet without layers is part of.
    pub(crate) const TEMPORAL: Self = Self(0b111);

    fn bit(spatial: u8, temporal: u8) -> u16 {
        1 << (spatial.min(SPATIAL - 1) * TEMPORAL + temporal.min(TEMPORAL - 1))
    }

    pub(crate) fn contains(self, spatial: u8, temporal: u8) -> bool {
        self.0 & Self::bit(spatial, temporal) != 0
    }

    pub(crate) fn with(self, spatial: u8, temporal: u8) -> Self {
        Self(self.0 | Self::bit(spatial, temporal))
    }

    /// Those for which it holds.
    pub(crate) fn filter(holds: impl Fn(u8, u8) -> bool) -> Self {
        let pairs = (0..SPATIAL).flat_map(|spatial| (0..TEMPORAL).map(move |temporal| (spatial, temporal)));
        let pairs = pairs.filter(|(spatial, temporal)| holds(*spatial, *temporal));
        pairs.fold(Self::NONE, |set, (spatial, temporal)| set.with(spatial, temporal))
    }

    /// Those with this temporal layer of the lowest spatial one, or a higher.
    pub(crate) fn from_temporal(temporal: u8) -> Self {
        Self((Self::TEMPORAL.0 << temporal.min(TEMPORAL - 1)) & Self::TEMPORAL.0)
    }

    /// The pairs, from the lowest.
    pub(crate) fn iter(self) -> impl Iterator<Item = (u8, u8)> {
        (0..SPATIAL * TEMPORAL)
            .filter(move |place| self.0 >> place & 1 == 1)
            .map(|place| (place / TEMPORAL, place % TEMPORAL))
    }

    /// Whether some of them have this spatial layer as the highest.
    pub(crate) fn has_spatial(self, spatial: u8) -> bool {
        self.0 >> (spatial.min(SPATIAL - 1) * TEMPORAL) & 0b111 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporal_layer_is_part_of_what_has_it_and_of_what_is_smoother() {
        assert_eq!(Targets::from_temporal(0), Targets::TEMPORAL);
        assert_eq!(Targets::from_temporal(1).iter().collect::<Vec<_>>(), [(0, 1), (0, 2)]);
        assert_eq!(Targets::from_temporal(2).iter().collect::<Vec<_>>(), [(0, 2)]);
        assert_eq!(
            Targets::from_temporal(7),
            Targets::from_temporal(2),
            "what is beyond is part of the highest"
        );
    }

    #[test]
    fn sets_hold_what_was_put_in() {
        let set = Targets::filter(|spatial, temporal| spatial == 1 && temporal > 0);
        assert_eq!(set.iter().collect::<Vec<_>>(), [(1, 1), (1, 2)]);
        assert!(set.contains(1, 2) && !set.contains(1, 0) && !set.contains(0, 1));
        assert!(set.has_spatial(1) && !set.has_spatial(0) && !set.has_spatial(2));
    }

    #[test]
    fn sharper_is_more_than_smoother() {
        let grade = |layer, spatial, temporal| Grade {
            layer: Layer(layer),
            spatial,
            temporal,
        };
        assert!(grade(1, 0, 0) > grade(0, 0, 2));
        assert!(grade(0, 2, 0) > grade(0, 1, 2));
        assert_eq!((grade(2, 0, 1).rank(), grade(0, 1, 1).rank()), (2, 1));
    }
}
