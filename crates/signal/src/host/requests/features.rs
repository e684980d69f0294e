//! Requests for what a meeting offers beyond sound and pictures, as commands of the machine.

use meeting::{BreakoutCommand, Command, ParticipantId, Refusal};
use wire::RequestBody;

use super::people;
use crate::map;

/// The command that a request means; the requests that `requests` handles itself are refused.
pub(super) fn command(body: RequestBody) -> Result<Command, Refusal> {
    let named = |ids: Vec<String>| people(ids).ok_or(Refusal::InvalidArgument);
    Ok(match body {
        RequestBody::React { reaction } => Command::React(map::reaction_from(reaction)),
        RequestBody::StartSpotlight { participants } => Command::StartSpotlight(named(participants)?),
        RequestBody::StopSpotlight { participants } => Command::StopSpotlight(named(participants)?),
        RequestBody::StopAllSpotlight => Command::StopAllSpotlight,
        RequestBody::SetMediaAccess {
            kind,
            participants,
            permitted,
        } => Command::SetMediaAccess {
            kind: map::access_kind_from(kind),
            participants: named(participants)?,
            permitted,
        },
        RequestBody::SetRecording { active } => Command::SetRecording(active),
        RequestBody::SetTranscription { active } => Command::SetTranscription(active),
        RequestBody::GrantConsent { recording, transcription } => Command::GrantConsent { recording, transcription },
        RequestBody::StartCaptions { spoken_language } => Command::StartCaptions { spoken_language },
        RequestBody::StopCaptions => Command::StopCaptions,
        RequestBody::SetSpokenLanguage { language } => Command::SetSpokenLanguage(language),
        RequestBody::SetCaptionLanguage { language } => Command::SetCaptionLanguage(language),
        RequestBody::SendTyped { text, is_final } => Command::SendTyped { text, is_final },
        RequestBody::SendData {
            channel,
            sequence,
            lossy,
            participants,
            data,
        } => Command::SendData {
            channel,
            sequence,
            lossy,
            participants: named(participants)?,
            data,
        },
        RequestBody::SetTogether { active } => Command::SetTogether(active),
        RequestBody::PublishDiagnostics { diagnostics } => {
            Command::PublishDiagnostics(diagnostics.into_iter().map(map::diagnostic_from).collect())
        }
        RequestBody::PlanBreakoutRooms {
            rooms,
            auto_move,
            return_disabled,
            seconds,
        } => Command::Breakout(BreakoutCommand::Plan {
            rooms: rooms.into_iter().map(map::new_room_from).collect(),
            auto_move,
            return_disabled,
            seconds,
        }),
        RequestBody::AssignBreakoutRoom { participant, room_id } => Command::Breakout(BreakoutCommand::Assign {
            participant: ParticipantId(participant),
            room: room_id,
        }),
        RequestBody::OpenBreakoutRooms => Command::Breakout(BreakoutCommand::Open),
        RequestBody::CloseBreakoutRooms => Command::Breakout(BreakoutCommand::Close),
        RequestBody::BroadcastToBreakoutRooms { text } => Command::Breakout(BreakoutCommand::Broadcast(text)),
        RequestBody::AddParticipants {
            participants,
            custom_context,
        } => Command::AddParticipants {
            participants: named(participants)?,
            custom_context,
        },
        RequestBody::SetHeld { held } => Command::SetHeld(held),
        RequestBody::Transfer { participant, target } => Command::Transfer {
            participant: participant.map(ParticipantId),
            target: map::transfer_target_from(target),
        },
        RequestBody::Join { .. }
        | RequestBody::Leave { .. }
        | RequestBody::OfferMedia { .. }
        | RequestBody::SetPublication { .. }
        | RequestBody::Subscribe { .. }
        | RequestBody::MuteParticipants { .. }
        | RequestBody::RemoveParticipant { .. }
        | RequestBody::Admit { .. }
        | RequestBody::Reject { .. }
        | RequestBody::SetRole { .. }
        | RequestBody::RaiseHand
        | RequestBody::LowerHands { .. }
        | RequestBody::LowerAllHands
        | RequestBody::SetLocked { .. }
        | RequestBody::Snapshot
        | RequestBody::RenewIceServers
        | RequestBody::RefreshToken { .. }
        | RequestBody::StartCall { .. }
        | RequestBody::RejectIncoming { .. }
        | RequestBody::SubmitSurvey { .. } => return Err(Refusal::InvalidArgument),
    })
}
