/**
 * One call of the own person, from joining to its end, as the page shows it.
 * Owns: the view (`view`), renewed in the microtask after anything changed; what is said to screen readers; notices; the end.
 * While the person is in a breakout room, the room's call is a model of its own (`room`), which ends before or with this one.
 * Not here: how a view is read (`read.ts`), what people can do (`call-actions.ts`), joining and coming back (`join/`).
 * Invariants: after the end nothing is subscribed and the view no longer changes. Kept by `call-model.test.ts`.
 */
import {
  Features,
  type CallCommon,
  type CallEvents,
  type LocalVideoStream,
  type RemoteParticipant,
  type RemoteParticipantEvents,
  type RemoteVideoStream,
  type RemoteVideoStreamEvents,
} from "@anteroom/calling";
import { Scope } from "../base/scope";
import { Store, type Readable } from "../base/store";
import { announcements } from "./announce";
import { CallActions } from "./call-actions";
import { CaptionLines } from "./caption-lines";
import { endOf, type EndView } from "./end";
import { Reactions, type After } from "./reactions";
import { readCall, type OwnFacts } from "./read";
import type { CallView } from "./view";
import { watchFeatures } from "./watch-features";

/** Something the person should see for a moment. */
export interface Notice {
  id: number;
  intent: "info" | "error";
  text: string;
}

export interface CallPorts {
  now: () => number;
  /** Camera for "turn the camera on"; nothing when there is none or it is not allowed. */
  camera: () => Promise<LocalVideoStream | undefined>;
  after: After;
}

type Plan = () => void;
interface LobbyEvents {
  lobbyParticipantsUpdated: Plan;
}
interface MeetingEvents {
  meetingChanged: Plan;
}

export class CallModel {
  readonly actions: CallActions;
  readonly reactions: Reactions;
  readonly captions: CaptionLines;
  private readonly scope = new Scope();
  private readonly watched = new Map<RemoteParticipant, Scope>();
  private readonly viewStore: Store<CallView>;
  private readonly noticeStore = new Store<Notice | undefined>(undefined);
  private readonly endStore = new Store<EndView | undefined>(undefined);
  private readonly roomStore = new Store<CallModel | undefined>(undefined);
  private readonly listeners = new Set<(sentence: string) => void>();
  private since: number | undefined;
  private notices = 0;
  private planned = false;

  constructor(
    private readonly call: CallCommon,
    private readonly own: OwnFacts,
    private readonly ports: CallPorts,
    /** The main meeting, when this is the call of one of its rooms. */
    readonly main?: CallModel,
  ) {
    this.reactions = new Reactions(ports.after, (sentence) => {
      this.say(sentence);
    });
    this.captions = new CaptionLines(ports.after);
    this.viewStore = new Store(readCall(call, own, undefined));
    this.actions = new CallActions(call, ports, {
      view: this.viewStore.get,
      notify: (intent, text) => {
        this.notify(intent, text);
      },
    });
    // One for everybody who is there at the end: who leaves before is let go then.
    this.scope.add(() => {
      this.watched.forEach((scope) => {
        scope.end();
      });
      this.watched.clear();
    });
    this.watchCall();
    this.plan();
  }

  get view(): Readable<CallView> {
    return this.viewStore;
  }

  get notice(): Readable<Notice | undefined> {
    return this.noticeStore;
  }

  /** Set once, when the call is over. */
  get end(): Readable<EndView | undefined> {
    return this.endStore;
  }

  /** The breakout room that the person is in. */
  get room(): Readable<CallModel | undefined> {
    return this.roomStore;
  }

  /** In a room: back to the main meeting. */
  async backToMain(): Promise<void> {
    await this.main?.actions.features.returnFrom(this.call);
  }

  /** Sentences for screen readers. */
  onAnnounce(listener: (sentence: string) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  dismiss(id: number): void {
    if (this.noticeStore.get()?.id === id) {
      this.noticeStore.set(undefined);
    }
  }

  private watchCall(): void {
    const { call, scope } = this;
    const on = scope.of<CallEvents>(call);
    const plan = () => {
      this.plan();
    };
    on("stateChanged", plan);
    on("isMutedChanged", plan);
    on("isScreenSharingOnChanged", plan);
    on("roleChanged", plan);
    on("localVideoStreamsUpdated", plan);
    on("mutedByOthers", () => {
      this.notify("info", "Somebody who runs the meeting muted you.");
    });
    on("remoteParticipantsUpdated", ({ added, removed }) => {
      added.forEach((participant) => {
        this.watch(participant);
      });
      removed.forEach((participant) => {
        this.watched.get(participant)?.end();
        this.watched.delete(participant);
      });
      this.plan();
    });
    if (call.lobby !== undefined) {
      scope.of<LobbyEvents>(call.lobby)("lobbyParticipantsUpdated", plan);
    }
    if (call.meeting !== undefined) {
      scope.of<MeetingEvents>(call.meeting)("meetingChanged", plan);
    }
    scope.of<{ capabilitiesChanged: Plan }>(call.feature(Features.Capabilities))("capabilitiesChanged", plan);
    const onHand = scope.of<{ raisedHandEvent: Plan; loweredHandEvent: Plan }>(call.feature(Features.RaiseHand));
    onHand("raisedHandEvent", plan);
    onHand("loweredHandEvent", plan);
    scope.of<{ dominantSpeakersChanged: Plan }>(call.feature(Features.DominantSpeakers))("dominantSpeakersChanged", plan);
    scope.of<{ diagnosticChanged: Plan }>(call.feature(Features.UserFacingDiagnostics).network)("diagnosticChanged", plan);
    watchFeatures(call, scope, {
      plan,
      reaction: (id, kind) => {
        this.reactions.take(id, kind, this.viewStore.get().people.find((person) => person.id === id)?.name);
      },
      caption: (caption) => {
        this.captions.take(caption);
      },
      room: (room) => {
        this.enterRoom(room);
      },
      message: (name, text) => {
        // In a room the room's call is told the same.
        if (this.roomStore.get() === undefined) {
          this.notify("info", `${name} to all rooms: ${text}`);
        }
      },
    });
    call.remoteParticipants.forEach((participant) => {
      this.watch(participant);
    });
  }

  private enterRoom(call: CallCommon): void {
    const room = new CallModel(call, this.own, this.ports, this);
    room.onAnnounce((sentence) => {
      this.say(sentence);
    });
    this.roomStore.set(room);
    const stop = room.end.subscribe(() => {
      stop();
      // Who was moved on to another room is there already.
      if (this.roomStore.get() === room) {
        this.roomStore.set(undefined);
        if (["Disconnecting", "Disconnected"].includes(this.call.state)) {
          // Left from the room.
          return;
        }
        const end = room.end.get();
        this.notify("info", end === undefined || end.detail === "" || end.reference.startsWith("0/") ? "You are back in the main meeting." : `You are back in the main meeting. ${end.detail}`);
      }
    });
  }

  private watch(participant: RemoteParticipant): void {
    this.watched.get(participant)?.end();
    const scope = new Scope();
    this.watched.set(participant, scope);
    const plan = () => {
      this.plan();
    };
    const on = scope.of<RemoteParticipantEvents>(participant);
    on("stateChanged", plan);
    on("isMutedChanged", plan);
    on("isSpeakingChanged", plan);
    on("displayNameChanged", plan);
    on("roleChanged", plan);
    on("isReconnectingChanged", plan);
    const watchStream = (stream: RemoteVideoStream) => {
      const onStream = scope.of<RemoteVideoStreamEvents>(stream);
      onStream("isAvailableChanged", plan);
      onStream("isPausedChanged", plan);
    };
    participant.videoStreams.forEach(watchStream);
    on("videoStreamsUpdated", ({ added }) => {
      added.forEach(watchStream);
      this.plan();
    });
  }

  /** Many events come together; the view is read once for all of them. */
  private plan(): void {
    if (this.planned || this.scope.ended) {
      return;
    }
    this.planned = true;
    queueMicrotask(() => {
      this.planned = false;
      this.refresh();
    });
  }

  private refresh(): void {
    if (this.scope.ended) {
      return;
    }
    const before = this.viewStore.get();
    let after = readCall(this.call, this.own, this.since);
    if (after.phase === "connected" && this.since === undefined) {
      this.since = this.ports.now();
      after = { ...after, since: this.since };
    }
    this.viewStore.set(after);
    if (!after.captions.on) {
      this.captions.clear();
    }
    for (const sentence of announcements(before, after)) {
      this.say(sentence);
    }
    if (this.call.state === "Disconnected") {
      this.finish();
    }
  }

  private finish(): void {
    const end = endOf(this.call.callEndReason, this.since !== undefined, this.actions.endedForAll);
    this.scope.end();
    this.reactions.end();
    this.captions.clear();
    if (this.main !== undefined) {
      // The end of a room is told by the main meeting.
      this.endStore.set(end);
      return;
    }
    const sentences = [end.title, end.detail, end.help].filter((text) => text !== "").map((text) => text.replace(/\.?$/, "."));
    this.say(sentences.join(" "));
    this.endStore.set(end);
  }

  private notify(intent: Notice["intent"], text: string): void {
    if (this.scope.ended) {
      return;
    }
    const room = this.roomStore.get();
    if (room !== undefined && !room.scope.ended) {
      // The room's page is the one that is seen.
      room.notify(intent, text);
      return;
    }
    this.notices += 1;
    this.noticeStore.set({ id: this.notices, intent, text });
    this.say(text);
  }

  private say(sentence: string): void {
    for (const listener of [...this.listeners]) {
      listener(sentence);
    }
  }
}
