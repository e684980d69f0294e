//! The translator's part for what a meeting offers beyond sound and pictures.

use super::{ids, rfc3339};

pub(crate) fn call_kind(from: meeting::CallKind) -> wire::CallKind {
    match from {
        meeting::CallKind::Meeting => wire::CallKind::Meeting,
        meeting::CallKind::Room => wire::CallKind::Room,
        meeting::CallKind::Group => wire::CallKind::Group,
        meeting::CallKind::Direct => wire::CallKind::Direct,
    }
}

pub(super) fn presence(from: meeting::Presence) -> wire::Presence {
    match from {
        meeting::Presence::Inside => wire::Presence::Inside,
        meeting::Presence::Held => wire::Presence::Held,
        meeting::Presence::Ringing => wire::Presence::Ringing,
    }
}

pub(super) fn reaction_to(from: meeting::Reaction) -> wire::Reaction {
    match from {
        meeting::Reaction::Like => wire::Reaction::Like,
        meeting::Reaction::Heart => wire::Reaction::Heart,
        meeting::Reaction::Laugh => wire::Reaction::Laugh,
        meeting::Reaction::Surprised => wire::Reaction::Surprised,
        meeting::Reaction::Applause => wire::Reaction::Applause,
    }
}

pub(crate) fn reaction_from(from: wire::Reaction) -> meeting::Reaction {
    match from {
        wire::Reaction::Like => meeting::Reaction::Like,
        wire::Reaction::Heart => meeting::Reaction::Heart,
        wire::Reaction::Laugh => meeting::Reaction::Laugh,
        wire::Reaction::Surprised => meeting::Reaction::Surprised,
        wire::Reaction::Applause => meeting::Reaction::Applause,
    }
}

pub(super) fn transfer_state(from: meeting::TransferState) -> wire::TransferState {
    match from {
        meeting::TransferState::Transferring => wire::TransferState::Transferring,
        meeting::TransferState::Transferred => wire::TransferState::Transferred,
        meeting::TransferState::Failed => wire::TransferState::Failed,
    }
}

pub(crate) fn access_kind_from(from: wire::AccessKind) -> meeting::AccessKind {
    match from {
        wire::AccessKind::Audio => meeting::AccessKind::Audio,
        wire::AccessKind::Video => meeting::AccessKind::Video,
    }
}

pub(super) fn access(from: meeting::MediaAccess) -> wire::MediaAccess {
    wire::MediaAccess {
        audio: from.audio,
        video: from.video,
    }
}

pub(super) fn recording(from: meeting::RecordingState) -> wire::RecordingState {
    wire::RecordingState {
        id: from.id,
        by: from.by.0,
    }
}

pub(super) fn captions(from: meeting::CaptionsState) -> wire::CaptionsState {
    wire::CaptionsState {
        available: from.available,
        spoken_language: from.spoken_language,
        spoken_languages: from.spoken_languages,
        caption_languages: from.caption_languages,
    }
}

pub(super) fn caption(from: meeting::Caption) -> wire::Caption {
    wire::Caption {
        participant: from.participant.0,
        display_name: from.display_name,
        utterance: from.utterance,
        is_final: from.is_final,
        text: from.text,
        spoken_language: from.spoken_language,
        caption_text: from.caption_text,
        caption_language: from.caption_language,
        at: rfc3339(from.at),
    }
}

pub(super) fn typed(from: meeting::TypedText) -> wire::TypedText {
    wire::TypedText {
        participant: from.participant.0,
        display_name: from.display_name,
        sequence: from.sequence,
        text: from.text.to_string(),
        is_final: from.is_final,
        began: rfc3339(from.began),
        updated: rfc3339(from.updated),
    }
}

/// Whether it may be dropped is the sender's and the host's affair; receivers are not told.
pub(super) fn data(from: meeting::DataMessage) -> wire::DataMessage {
    wire::DataMessage {
        participant: from.participant.0,
        channel: from.channel,
        sequence: from.sequence,
        data: from.data.to_string(),
    }
}

pub(super) fn diagnostic(from: meeting::Diagnostic) -> wire::Diagnostic {
    wire::Diagnostic {
        name: from.name,
        value: from.value,
        is_flag: from.is_flag,
    }
}

pub(crate) fn diagnostic_from(from: wire::Diagnostic) -> meeting::Diagnostic {
    meeting::Diagnostic {
        name: from.name,
        value: from.value,
        is_flag: from.is_flag,
    }
}

pub(super) fn seat(from: meeting::Seat) -> wire::Seat {
    wire::Seat {
        participant: from.participant.0,
        left: from.left,
        top: from.top,
        width: from.width,
        height: from.height,
    }
}

fn breakout_room(from: meeting::BreakoutRoom) -> wire::BreakoutRoom {
    wire::BreakoutRoom {
        id: from.id,
        name: from.name,
        thread_id: from.thread_id,
        open: from.open,
        auto_move: from.auto_move,
        invitees: ids(from.invitees),
    }
}

pub(super) fn breakout(from: meeting::BreakoutState) -> wire::BreakoutState {
    wire::BreakoutState {
        assigned: from.assigned.map(breakout_room),
        rooms: from.rooms.iter().cloned().map(breakout_room).collect(),
        ends: from.ends.map(rfc3339),
        return_disabled: from.return_disabled,
        main_thread_id: from.main_thread_id,
    }
}

pub(crate) fn new_room_from(from: wire::NewBreakoutRoom) -> meeting::NewBreakoutRoom {
    meeting::NewBreakoutRoom {
        name: from.name,
        invitees: from.invitees.into_iter().map(meeting::ParticipantId).collect(),
    }
}

pub(crate) fn transfer_target_from(from: wire::TransferTarget) -> meeting::TransferTarget {
    match from {
        wire::TransferTarget::Person { participant } => meeting::TransferTarget::Person(meeting::ParticipantId(participant)),
        wire::TransferTarget::Call { call } => meeting::TransferTarget::Call(call),
    }
}
