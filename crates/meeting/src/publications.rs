//! What one session sends: which media it declared, which are on, and whether the engine forwards them.
//!
//! A medium can be switched before it is declared (a client says "muted" with its join, long before its first offer).
//! Invariants: a medium keeps its number for the life of the session; a gate is open only while its medium is declared and
//! active, and never while the person holds the call; every change of a gate is reported exactly once, and every declaration reports the gates of what it declares,
//! since the engine may have a new peer that knows nothing; the sound of a screen is on only while the screen is.

use std::collections::{BTreeMap, BTreeSet};

use crate::{MediaKind, PublicationId, PublicationState, Refusal};

#[derive(Debug, Clone, Copy, Default)]
struct Medium {
    id: Option<PublicationId>,
    declared: bool,
    active: bool,
    width: u32,
    height: u32,
}

/// A gate to open or close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gate {
    pub(crate) publication: PublicationId,
    pub(crate) open: bool,
}

/// What a declaration led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared {
    /// Number of each medium, in the order in which they were named.
    pub(crate) numbers: Vec<(MediaKind, PublicationId)>,
    /// Gates to move.
    pub(crate) gates: Vec<Gate>,
}

/// The media of one session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Publications {
    media: BTreeMap<MediaKind, Medium>,
    /// The person holds the call: every gate is closed, whatever is on.
    held: bool,
}

impl Publications {
    /// A session that starts with its microphone on or muted and everything else off.
    pub(crate) fn new(muted: bool) -> Self {
        let mut media = BTreeMap::new();
        media.insert(
            MediaKind::Microphone,
            Medium {
                active: !muted,
                ..Medium::default()
            },
        );
        Self { media, held: false }
    }

    /// Whether the person holds the call.
    pub(crate) fn is_held(&self) -> bool {
        self.held
    }

    /// Closes all gates, or opens them again as the media are; reports those that change.
    pub(crate) fn set_held(&mut self, held: bool) -> Vec<Gate> {
        self.held = held;
        let on = self.media.values().filter(|medium| medium.declared && medium.active);
        on.filter_map(|medium| medium.id)
            .map(|publication| Gate { publication, open: !held })
            .collect()
    }

    pub(crate) fn is_active(&self, kind: MediaKind) -> bool {
        self.media.get(&kind).is_some_and(|medium| medium.active)
    }

    pub(crate) fn active_kinds(&self) -> Vec<MediaKind> {
        self.media
            .iter()
            .filter(|(_, medium)| medium.active)
            .map(|(kind, _)| *kind)
            .collect()
    }

    /// Takes the list of declared media; media that are not in it are no longer declared and, but for the microphone's
    /// mute state, no longer on.
    pub(crate) fn declare(&mut self, kinds: &[MediaKind], next: &mut u32) -> Result<Declared, Refusal> {
        let wanted: BTreeSet<MediaKind> = kinds.iter().copied().collect();
        if wanted.len() != kinds.len() {
            return Err(Refusal::InvalidArgument);
        }
        let mut gates = Vec::new();
        for (kind, medium) in &mut self.media {
            if !wanted.contains(kind) {
                if let (true, Some(publication)) = (medium.declared && medium.active && !self.held, medium.id) {
                    gates.push(Gate { publication, open: false });
                }
                medium.declared = false;
                medium.active &= *kind == MediaKind::Microphone;
            }
        }
        let shares = self.is_active(MediaKind::Screen);
        if let Some(sound) = self.media.get_mut(&MediaKind::ScreenAudio) {
            sound.active &= shares;
        }
        let mut numbers = Vec::with_capacity(kinds.len());
        for kind in kinds {
            let medium = self.media.entry(*kind).or_default();
            let publication = *medium.id.get_or_insert_with(|| {
                *next = next.wrapping_add(1);
                PublicationId(*next)
            });
            medium.declared = true;
            numbers.push((*kind, publication));
            gates.push(Gate {
                publication,
                open: medium.active && !self.held,
            });
        }
        Ok(Declared { numbers, gates })
    }

    /// Switches a medium; reports its gate when that changed.
    pub(crate) fn set(&mut self, kind: MediaKind, active: bool, width: u32, height: u32) -> Option<Gate> {
        let medium = self.media.entry(kind).or_default();
        let changed = medium.active != active;
        medium.active = active;
        medium.width = if active { width } else { 0 };
        medium.height = if active { height } else { 0 };
        match medium.id {
            Some(publication) if changed && medium.declared && !self.held => Some(Gate { publication, open: active }),
            Some(_) | None => None,
        }
    }

    /// Switches the sound of a screen that is not shared any more off; reports its gate when that changed.
    pub(crate) fn stop_sound_without_screen(&mut self) -> Option<Gate> {
        let alone = self.is_active(MediaKind::ScreenAudio) && !self.is_active(MediaKind::Screen);
        if alone {
            self.set(MediaKind::ScreenAudio, false, 0, 0)
        } else {
            None
        }
    }

    /// As the others see them.
    pub(crate) fn states(&self) -> Vec<PublicationState> {
        self.media
            .iter()
            .filter(|(_, medium)| medium.declared)
            .filter_map(|(kind, medium)| {
                let id = medium.id?;
                Some(PublicationState {
                    id,
                    kind: *kind,
                    active: medium.active && !self.held,
                    width: medium.width,
                    height: medium.height,
                })
            })
            .collect()
    }
}
