import { Features, type CallCommon, type LocalVideoStream, type VideoDeviceInfo } from "@anteroom/calling";
import { createIdentifierFromRawId, getIdentifierRawId } from "@azure/communication-common";
import { sentenceOf } from "../api/http";
import { FeatureActions } from "./feature-actions";
import type { CallView, Permission } from "./view";

export interface ActionPorts {
  camera: () => Promise<LocalVideoStream | undefined>;
}

export interface ActionHost {
  view: () => CallView;
  notify: (intent: "info" | "error", text: string) => void;
}

/**
 * What a person does in a call. Every action settles without throwing: a refusal becomes a notice with its sentence.
 * What is not permitted is refused here with the reason, and by the server whatever happens here.
 */
export class CallActions {
  private switchingCamera = false;
  private endingForAll = false;
  /** Reactions, spotlight, captions and the like. */
  readonly features: FeatureActions;

  constructor(
    private readonly call: CallCommon,
    private readonly ports: ActionPorts,
    private readonly host: ActionHost,
  ) {
    this.features = new FeatureActions(call, { view: host.view, run: (needs, action) => this.run(needs, action) });
  }

  readonly toggleMute = () =>
    this.run(this.call.isMuted ? "unmute" : undefined, () => (this.call.isMuted ? this.call.unmute() : this.call.mute()));

  readonly toggleCamera = async (): Promise<void> => {
    if (this.switchingCamera) {
      return;
    }
    this.switchingCamera = true;
    try {
      const running = this.localVideo();
      await this.run(running === undefined ? "camera" : undefined, async () => {
        if (running !== undefined) {
          await this.call.stopVideo(running);
          return;
        }
        const stream = await this.ports.camera();
        if (stream === undefined) {
          this.host.notify("error", "No camera was found, or the browser does not let this page use it.");
          return;
        }
        await this.call.startVideo(stream);
      });
    } finally {
      this.switchingCamera = false;
    }
  };

  /** Another camera, while the camera is on. */
  readonly switchCamera = (camera: VideoDeviceInfo) =>
    this.run(undefined, async () => {
      await this.localVideo()?.switchSource(camera);
    });

  readonly toggleShare = () =>
    this.run(this.call.isScreenSharingOn ? undefined : "share", async () => {
      if (this.call.isScreenSharingOn) {
        await this.call.stopScreenSharing();
        return;
      }
      try {
        await this.call.startScreenSharing();
      } catch (error) {
        // Closing the browser's own chooser is no failure.
        if (!isCancelled(error)) {
          throw error;
        }
      }
    });

  readonly toggleHand = () => {
    const hand = this.host.view().own.hand;
    return this.run(hand === undefined ? "raiseHand" : undefined, () => {
      const feature = this.raiseHand();
      return hand === undefined ? feature.raiseHand() : feature.lowerHand();
    });
  };

  readonly lowerHandOf = (id: string) => this.run(undefined, () => this.raiseHand().lowerHands([createIdentifierFromRawId(id)]));

  readonly mutePerson = (id: string) =>
    this.run("muteOthers", async () => {
      await this.call.remoteParticipants.find((participant) => getIdentifierRawId(participant.identifier) === id)?.mute();
    });

  readonly muteAll = () => this.run("muteOthers", () => this.call.muteAllRemoteParticipants());

  readonly removePerson = (id: string) => this.run("remove", () => this.call.removeParticipant(createIdentifierFromRawId(id)));

  readonly setRole = (id: string, role: "Presenter" | "Attendee") =>
    this.run("changeRoles", async () => {
      await this.call.meeting?.setRole(createIdentifierFromRawId(id), role);
    });

  readonly admit = (id: string) =>
    this.run("admit", async () => {
      await this.call.lobby?.admit(createIdentifierFromRawId(id));
    });

  readonly deny = (id: string) =>
    this.run("admit", async () => {
      await this.call.lobby?.reject(createIdentifierFromRawId(id));
    });

  readonly admitAll = () =>
    this.run("admit", async () => {
      await this.call.lobby?.admitAll();
    });

  readonly toggleLock = () =>
    this.run("lock", async () => {
      await this.call.meeting?.setLocked(!this.host.view().locked);
    });

  readonly leave = () => this.run(undefined, () => this.call.hangUp());

  readonly endForAll = () =>
    this.run("endForAll", async () => {
      this.endingForAll = true;
      try {
        await this.call.hangUp({ forEveryone: true });
      } catch (error) {
        this.endingForAll = false;
        throw error;
      }
    });

  /** Whether the end of the call is the person's own decision for everybody. */
  get endedForAll(): boolean {
    return this.endingForAll;
  }

  /** The own camera, while it is on. */
  localVideo(): LocalVideoStream | undefined {
    return this.call.localVideoStreams.find((stream) => stream.mediaStreamType === "Video");
  }

  private raiseHand() {
    return this.call.feature(Features.RaiseHand);
  }

  private async run(needs: keyof CallView["permissions"] | undefined, action: () => Promise<void>): Promise<boolean> {
    const permission: Permission = needs === undefined ? { allowed: true } : this.host.view().permissions[needs];
    if (!permission.allowed) {
      this.host.notify("info", permission.why);
      return false;
    }
    try {
      await action();
      return true;
    } catch (error) {
      this.host.notify("error", sentenceOf(error));
      return false;
    }
  }
}

function isCancelled(error: unknown): boolean {
  const subCode = typeof error === "object" && error !== null ? (error as { subCode?: unknown }).subCode : undefined;
  return subCode === 41035 || (error instanceof DOMException && error.name === "NotAllowedError");
}
