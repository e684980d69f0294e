import {
  Features,
  type BreakoutMessage,
  type BreakoutRoomsEventData,
  type CallCommon,
  type CaptionsInfo,
  type ReactionEventPayload,
  type TeamsCaptionsInfo,
} from "@anteroom/calling";
import { getIdentifierRawId } from "@azure/communication-common";
import type { Scope } from "../base/scope";
import type { CaptionLine } from "./caption-lines";

export interface FeatureListeners {
  /** Something that the view shows may have changed. */
  plan: () => void;
  reaction: (id: string, kind: ReactionEventPayload["reactionMessage"]["reactionType"]) => void;
  caption: (caption: Omit<CaptionLine, "key">) => void;
  /** The person went into a breakout room. */
  room: (call: CallCommon) => void;
  /** Something was said to all rooms. */
  message: (name: string, text: string) => void;
}

type Plan = () => void;

/** Subscribes to the features of a call for as long as the scope lasts. */
export function watchFeatures(call: CallCommon, scope: Scope, { plan, reaction, caption, room, message }: FeatureListeners): void {
  scope.of<{ reaction: (event: ReactionEventPayload) => void }>(call.feature(Features.Reaction))("reaction", ({ identifier, reactionMessage }) => {
    reaction(typeof identifier === "string" ? identifier : getIdentifierRawId(identifier), reactionMessage.reactionType);
  });
  scope.of<{ spotlightChanged: Plan }>(call.feature(Features.Spotlight))("spotlightChanged", plan);
  const onAccess = scope.of<{ mediaAccessChanged: Plan; meetingMediaAccessChanged: Plan }>(call.feature(Features.MediaAccess));
  onAccess("mediaAccessChanged", plan);
  onAccess("meetingMediaAccessChanged", plan);
  scope.of<{ isRecordingActiveChanged: Plan }>(call.feature(Features.Recording))("isRecordingActiveChanged", plan);
  scope.of<{ isTranscriptionActiveChanged: Plan }>(call.feature(Features.Transcription))("isTranscriptionActiveChanged", plan);
  scope.of<{ togetherModeStreamsUpdated: Plan }>(call.feature(Features.TogetherMode))("togetherModeStreamsUpdated", plan);
  const { captions } = call.feature(Features.Captions);
  const hear = (info: CaptionsInfo | TeamsCaptionsInfo) => {
    const { speaker } = info;
    caption({
      id: speaker.identifier === undefined ? "" : getIdentifierRawId(speaker.identifier),
      name: speaker.displayName ?? "Somebody",
      text: ("captionText" in info ? info.captionText : info.spokenText) ?? "",
      final: info.resultType === "Final",
    });
  };
  if (captions.kind === "TeamsCaptions") {
    const on = scope.of<{ CaptionsReceived: (info: TeamsCaptionsInfo) => void; CaptionsActiveChanged: Plan }>(captions);
    on("CaptionsReceived", hear);
    on("CaptionsActiveChanged", plan);
  } else {
    const on = scope.of<{ CaptionsReceived: (info: CaptionsInfo) => void; CaptionsActiveChanged: Plan }>(captions);
    on("CaptionsReceived", hear);
    on("CaptionsActiveChanged", plan);
  }
  scope.of<{ breakoutRoomsUpdated: (event: BreakoutRoomsEventData) => void }>(call.feature(Features.BreakoutRooms))("breakoutRoomsUpdated", (event) => {
    if (event.type === "join" && event.data !== undefined) {
      room(event.data);
    }
    plan();
  });
  if (call.meeting !== undefined) {
    scope.of<{ message: (said: BreakoutMessage) => void }>(call.meeting.breakout)("message", ({ displayName, text }) => {
      message(displayName, text);
    });
  }
}
