//! What a path names below one meeting: attendance, recordings, transcripts, and the link for appointments.

use super::{is, is_action};

/// A part of a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MeetingPart {
    /// The link for a virtual appointment.
    AppointmentLink,
    /// Reports of attendance.
    Reports,
    /// One of them.
    Report(String),
    /// Who attended, by report.
    Records(String),
    /// One of those, by report and id.
    Record(String, String),
    /// Recordings or transcripts.
    Media(MediaKind),
    /// One of them, by id.
    MediaItem(MediaKind, String),
    /// What is in one of them.
    MediaContent(MediaKind, String, Content),
    /// How many there are of a list.
    Count(Box<MeetingPart>),
}

/// What was kept of a meeting's sound and picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediaKind {
    /// Recordings.
    Recording,
    /// Transcripts.
    Transcript,
}

/// In which form the content is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// `content`.
    Plain,
    /// `metadataContent`: with who, when and in which language.
    Metadata,
}

impl MediaKind {
    /// The name of the list.
    pub(crate) const fn list_name(self) -> &'static str {
        match self {
            Self::Recording => "recordings",
            Self::Transcript => "transcripts",
        }
    }

    /// The kind that a function over all meetings gives: `getAllRecordings(…)`, `getAllTranscripts(…)`. Its arguments narrow a list that is
    /// empty anyway.
    pub(super) fn of_all(function: &str) -> Option<Self> {
        let (name, _) = function.strip_suffix(')')?.split_once('(')?;
        let bare = name.strip_prefix("microsoft.graph.").unwrap_or(name);
        [("getAllRecordings", Self::Recording), ("getAllTranscripts", Self::Transcript)]
            .into_iter()
            .find(|(known, _)| is(bare, known))
            .map(|(_, kind)| kind)
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Recording, Self::Transcript]
            .into_iter()
            .find(|kind| is(name, kind.list_name()))
    }

    fn content(self, name: &str) -> Option<Content> {
        match self {
            _ if is(name, "content") => Some(Content::Plain),
            Self::Transcript if is(name, "metadataContent") => Some(Content::Metadata),
            Self::Recording | Self::Transcript => None,
        }
    }
}

impl MeetingPart {
    /// Reads the segments behind the meeting's id.
    pub(super) fn of(segments: &[String]) -> Option<Self> {
        match segments {
            [list @ .., count] if is(count, "$count") => match Self::of(list)? {
                part @ (Self::Reports | Self::Records(_) | Self::Media(_)) => Some(Self::Count(Box::new(part))),
                Self::AppointmentLink
                | Self::Report(_)
                | Self::Record(..)
                | Self::MediaItem(..)
                | Self::MediaContent(..)
                | Self::Count(_) => None,
            },
            [name] if is_action(name, "getVirtualAppointmentJoinWebUrl") => Some(Self::AppointmentLink),
            [name, rest @ ..] if is(name, "attendanceReports") => match rest {
                [] => Some(Self::Reports),
                [report] => Some(Self::Report(report.clone())),
                [report, records] if is(records, "attendanceRecords") => Some(Self::Records(report.clone())),
                [report, records, record] if is(records, "attendanceRecords") => Some(Self::Record(report.clone(), record.clone())),
                _ => None,
            },
            [name, rest @ ..] => {
                let kind = MediaKind::named(name)?;
                match rest {
                    [] => Some(Self::Media(kind)),
                    [id] => Some(Self::MediaItem(kind, id.clone())),
                    [id, content] => Some(Self::MediaContent(kind, id.clone(), kind.content(content)?)),
                    _ => None,
                }
            }
            [] => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Option<MeetingPart> {
        MeetingPart::of(&path.split('/').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn the_link_is_named_with_and_without_parentheses_and_namespace() {
        for path in [
            "getVirtualAppointmentJoinWebUrl",
            "getVirtualAppointmentJoinWebUrl()",
            "microsoft.graph.getVirtualAppointmentJoinWebUrl()",
        ] {
            assert_eq!(of(path), Some(MeetingPart::AppointmentLink), "{path}");
        }
    }

    #[test]
    fn functions_over_all_meetings_are_known_with_their_arguments() {
        for function in [
            "getAllRecordings(meetingOrganizerUserId='o')",
            "microsoft.graph.getAllRecordings(a='x',b=2)",
        ] {
            assert_eq!(MediaKind::of_all(function), Some(MediaKind::Recording), "{function}");
        }
        assert_eq!(MediaKind::of_all("getAllTranscripts()"), Some(MediaKind::Transcript));
        assert_eq!(MediaKind::of_all("getAllRecordings"), None);
    }

    #[test]
    fn lists_items_and_counts_are_told_apart() {
        assert_eq!(of("attendanceReports"), Some(MeetingPart::Reports));
        assert_eq!(of("attendanceReports/r"), Some(MeetingPart::Report("r".to_owned())));
        assert_eq!(
            of("attendanceReports/r/attendanceRecords/x"),
            Some(MeetingPart::Record("r".to_owned(), "x".to_owned()))
        );
        assert_eq!(
            of("attendanceReports/r/attendanceRecords/$count"),
            Some(MeetingPart::Count(Box::new(MeetingPart::Records("r".to_owned()))))
        );
        assert_eq!(
            of("transcripts/t/metadataContent"),
            Some(MeetingPart::MediaContent(MediaKind::Transcript, "t".to_owned(), Content::Metadata))
        );
        assert_eq!(
            of("recordings/$count"),
            Some(MeetingPart::Count(Box::new(MeetingPart::Media(MediaKind::Recording))))
        );
        for path in [
            "",
            "recordings/r/metadataContent",
            "attendanceReports/r/x",
            "$count",
            "attendanceReports/r/attendanceRecords/x/$count",
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
