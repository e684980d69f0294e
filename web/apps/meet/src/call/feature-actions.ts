import { Features, type CallCommon, type Reaction } from "@anteroom/calling";
import { createIdentifierFromRawId } from "@azure/communication-common";
import type { PlannedRooms } from "./breakout-plan";
import type { CallView } from "./view";

export interface FeatureHost {
  view: () => CallView;
  /** Settles without throwing: a refusal becomes a notice. Says whether it was done. */
  run: (needs: keyof CallView["permissions"] | undefined, action: () => Promise<void>) => Promise<boolean>;
}

export type Medium = "microphone" | "camera";

/**
 * What a person does with the meeting's features: reactions, spotlight, access to media, captions, recording, together view, breakout rooms.
 * As with `CallActions`, nothing throws, and the server decides whatever is offered here.
 */
export class FeatureActions {
  constructor(
    private readonly call: CallCommon,
    private readonly host: FeatureHost,
  ) {}

  readonly react = (kind: Reaction) => this.host.run("react", () => this.call.feature(Features.Reaction).sendReaction({ reactionType: kind }));

  readonly spotlight = (id: string) => this.host.run("spotlight", () => this.call.feature(Features.Spotlight).startSpotlight([createIdentifierFromRawId(id)]));

  readonly endSpotlight = (id: string) =>
    this.host.run("endSpotlight", () => this.call.feature(Features.Spotlight).stopSpotlight([createIdentifierFromRawId(id)]));

  /** What one attendee may send. */
  readonly setAccess = (medium: Medium, id: string, allowed: boolean) =>
    this.host.run(needOf(medium), () => {
      const access = this.call.feature(Features.MediaAccess);
      const people = [createIdentifierFromRawId(id)];
      if (medium === "microphone") {
        return allowed ? access.permitAudio(people) : access.forbidAudio(people);
      }
      return allowed ? access.permitVideo(people) : access.forbidVideo(people);
    });

  /** What attendees may send. */
  readonly setAttendees = (medium: Medium, allowed: boolean) =>
    this.host.run(needOf(medium), () => {
      const access = this.call.feature(Features.MediaAccess);
      if (medium === "microphone") {
        return allowed ? access.permitOthersAudio() : access.forbidOthersAudio();
      }
      return allowed ? access.permitOthersVideo() : access.forbidOthersVideo();
    });

  readonly toggleCaptions = () => {
    const { on } = this.host.view().captions;
    const { captions } = this.call.feature(Features.Captions);
    return this.host.run(on ? undefined : "captions", () => (on ? captions.stopCaptions() : captions.startCaptions()));
  };

  readonly toggleRecording = () => this.control("record", (meeting) => meeting.setRecording(!this.host.view().recording));

  readonly toggleTranscription = () => this.control("transcribe", (meeting) => meeting.setTranscription(!this.host.view().transcribing));

  /** Agrees to whatever is being recorded or written down. */
  readonly agree = () =>
    this.host.run(undefined, async () => {
      const { recording, transcription } = this.host.view().consent;
      if (recording) {
        await this.call.feature(Features.Recording).grantTeamsConsent();
      }
      if (transcription) {
        await this.call.feature(Features.Transcription).grantTeamsConsent();
      }
    });

  readonly toggleTogether = () => this.control("together", (meeting) => meeting.setTogether(this.host.view().together === undefined));

  /** Makes the rooms and opens them. */
  readonly openRooms = ({ rooms, autoMove, seconds }: PlannedRooms) =>
    this.control("manageRooms", async ({ breakout }) => {
      await breakout.plan({
        rooms: rooms.map(({ name, ids }) => ({ displayName: name, invitees: ids.map(createIdentifierFromRawId) })),
        autoMove,
        ...(seconds === undefined ? {} : { seconds }),
      });
      await breakout.open();
    });

  /** Moves somebody to another room, or back into the main meeting. */
  readonly assignRoom = (id: string, roomId: string | undefined) =>
    this.control("manageRooms", ({ breakout }) => breakout.assign(createIdentifierFromRawId(id), roomId));

  readonly closeRooms = () => this.control("manageRooms", ({ breakout }) => breakout.close());

  readonly sayToRooms = (text: string) => this.control("manageRooms", ({ breakout }) => breakout.say(text));

  /** Goes into the room that the person is assigned to. */
  readonly joinRoom = () =>
    this.host.run(undefined, async () => {
      await this.call.feature(Features.BreakoutRooms).assignedBreakoutRooms?.join();
    });

  /** Goes into any of the rooms; for those who manage them. */
  readonly visitRoom = (index: number) =>
    this.host.run("manageRooms", async () => {
      await this.call.feature(Features.BreakoutRooms).breakoutRooms?.[index]?.join();
    });

  /** In the main call: back from the room of this call. */
  readonly returnFrom = (room: CallCommon) =>
    this.host.run(undefined, async () => {
      const { assignedBreakoutRooms: assigned, breakoutRooms } = this.call.feature(Features.BreakoutRooms);
      const found = [assigned, ...(breakoutRooms ?? [])].find((candidate) => candidate?.call?.id === room.id);
      if (found === undefined) {
        // A room that is no longer told: to leave it is to return.
        await room.hangUp();
      } else {
        await found.returnToMainMeeting();
      }
    });

  private control(needs: keyof CallView["permissions"], action: (meeting: NonNullable<CallCommon["meeting"]>) => Promise<void>): Promise<boolean> {
    return this.host.run(needs, async () => {
      if (this.call.meeting !== undefined) {
        await action(this.call.meeting);
      }
    });
  }
}

function needOf(medium: Medium): keyof CallView["permissions"] {
  return medium === "microphone" ? "forbidMicrophone" : "forbidCamera";
}

