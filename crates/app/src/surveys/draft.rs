//! The rules that a survey keeps. Pure.

use serde::{Deserialize, Serialize};

use crate::ports::StoreError;

/// Parts of a call that can be rated, each with the issues that can be named. The names are the calling SDK's.
pub const SURVEY_SUBJECTS: &[(&str, &[&str])] = &[
    (
        "overall",
        &[
            "CallCannotJoin",
            "CallCannotInvite",
            "HadToRejoin",
            "CallEndedUnexpectedly",
            "OtherIssues",
        ],
    ),
    (
        "audio",
        &[
            "NoLocalAudio",
            "NoRemoteAudio",
            "Echo",
            "AudioNoise",
            "LowVolume",
            "AudioStoppedUnexpectedly",
            "DistortedSpeech",
            "AudioInterruption",
            "OtherIssues",
        ],
    ),
    (
        "video",
        &[
            "NoVideoReceived",
            "NoVideoSent",
            "LowQuality",
            "Freezes",
            "StoppedUnexpectedly",
            "DarkVideoReceived",
            "AudioVideoOutOfSync",
            "OtherIssues",
        ],
    ),
    (
        "screenshare",
        &[
            "NoContentLocal",
            "NoContentRemote",
            "CannotPresent",
            "LowQuality",
            "Freezes",
            "StoppedUnexpectedly",
            "LargeDelay",
            "OtherIssues",
        ],
    ),
];
/// Highest score of any scale.
const HIGHEST: u32 = 100;

/// What somebody thought of one part of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rating {
    /// `overall`, `audio`, `video` or `screenshare`.
    pub subject: String,
    /// The score, from `lower` to `upper`.
    pub score: u32,
    /// Lowest score of the scale.
    pub lower: u32,
    /// Highest score of the scale, 100 at most.
    pub upper: u32,
    /// Scores up to this one are low.
    pub low_threshold: u32,
    /// Issues that the subject has, each once.
    pub issues: Vec<String>,
}

/// A survey as somebody submits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyDraft {
    /// One to four ratings, each of another subject.
    pub ratings: Vec<Rating>,
}

/// A survey that was not kept.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// It breaks a rule.
    #[error("The survey is not kept: {reason}")]
    Invalid {
        /// Which.
        reason: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SurveyDraft {
    /// The ratings, when they keep the rules.
    pub(super) fn check(self) -> Result<Vec<Rating>, SurveyError> {
        let broken = |reason| Err(SurveyError::Invalid { reason });
        if self.ratings.is_empty() || self.ratings.len() > SURVEY_SUBJECTS.len() {
            return broken("it has one to four ratings");
        }
        for (at, rating) in self.ratings.iter().enumerate() {
            let Some((_, known)) = SURVEY_SUBJECTS.iter().find(|(subject, _)| *subject == rating.subject) else {
                return broken("overall, audio, video and screenshare are rated");
            };
            if self.ratings.iter().take(at).any(|earlier| earlier.subject == rating.subject) {
                return broken("each part is rated once");
            }
            if rating.lower >= rating.upper || rating.upper > HIGHEST {
                return broken("a scale goes upwards and lies between 0 and 100");
            }
            let on_scale = rating.lower..=rating.upper;
            if !on_scale.contains(&rating.score) || !on_scale.contains(&rating.low_threshold) {
                return broken("score and threshold lie on the scale");
            }
            for (at, issue) in rating.issues.iter().enumerate() {
                // At most as many are looked at as there are: the next one is unknown or comes twice.
                if !known.contains(&issue.as_str()) || rating.issues.iter().take(at).any(|earlier| earlier == issue) {
                    return broken("issues are those of the part, each once");
                }
            }
        }
        Ok(self.ratings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rating(change: impl FnOnce(&mut Rating)) -> Rating {
        let mut rating = Rating {
            subject: "audio".to_owned(),
            score: 3,
            lower: 1,
            upper: 5,
            low_threshold: 3,
            issues: vec!["Echo".to_owned(), "OtherIssues".to_owned()],
        };
        change(&mut rating);
        rating
    }

    fn kept(ratings: Vec<Rating>) -> bool {
        SurveyDraft { ratings }.check().is_ok()
    }

    #[test]
    fn a_survey_rates_each_part_once_at_most_and_one_at_least() {
        let of = |subject: &str| {
            rating(|one| {
                one.subject = subject.to_owned();
                one.issues.clear();
            })
        };
        assert!(kept(vec![of("overall")]));
        assert!(kept(vec![of("overall"), of("audio"), of("video"), of("screenshare")]));
        assert!(!kept(Vec::new()));
        assert!(!kept(vec![of("audio"), of("audio")]));
        assert!(!kept(vec![of("smell")]));
    }

    #[test]
    fn a_score_lies_on_a_scale_that_goes_upwards_to_100_at_most() {
        assert!(kept(vec![rating(|_| {})]));
        assert!(kept(vec![rating(
            |one| (one.lower, one.upper, one.score, one.low_threshold) = (0, 100, 0, 50)
        )]));
        for change in [
            (|one: &mut Rating| one.score = 6) as fn(&mut Rating),
            |one| one.score = 0,
            |one| one.low_threshold = 0,
            |one| one.low_threshold = 6,
            |one| (one.lower, one.upper, one.score, one.low_threshold) = (5, 5, 5, 5),
            |one| one.upper = 101,
        ] {
            assert!(!kept(vec![rating(change)]));
        }
    }

    #[test]
    fn an_issue_is_one_of_its_part_and_named_once() {
        assert!(!kept(vec![rating(|one| one.issues = vec!["Freezes".to_owned()])]));
        assert!(!kept(vec![rating(|one| one.issues = vec!["Echo".to_owned(), "Echo".to_owned()])]));
        assert!(kept(vec![rating(|one| {
            one.subject = "video".to_owned();
            one.issues = vec!["Freezes".to_owned()];
        })]));
    }
}
