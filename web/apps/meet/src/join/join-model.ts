/**
 * The way into a meeting and out again: set up, join, hold the call, say how it ended, join again.
 * Owns: the agent and the call model while there are any. Not here: devices (`devices-model.ts`), the call itself (`call/`).
 * Invariants: one agent at a time; it is disposed when the call ended or the page is left. Kept by `join-model.test.ts`.
 */
import type { CallCommon, JoinCallOptions, LocalVideoStream, MeetingLocator } from "@anteroom/calling";
import { sentenceOf } from "../api/http";
import { Store, type Readable } from "../base/store";
import { CallModel } from "../call/call-model";
import { ChatModel } from "../chat/chat-model";
import type { ChatServer } from "../chat/chat-server";
import type { EndView } from "../call/end";
import type { OwnFacts } from "../call/read";
import type { DevicesModel } from "./devices-model";

/** As whom one joins. */
export type JoinAs = { kind: "member" } | { kind: "visitor"; name: string };

/** A call that knows the thread of its meeting. */
export type MeetingCall = CallCommon & { readonly info: { readonly threadId?: string } };

/** An agent that may join, and who the person is. */
export interface Entrance {
  own: OwnFacts;
  /** The chat API, with a token of the person. */
  chat: ChatServer;
  join(locator: MeetingLocator, options: JoinCallOptions): MeetingCall;
  dispose(): Promise<void>;
}

/** What joining needs of the rest of the app. */
export interface JoinServices {
  /** Devices of the page; made when first needed, since it loads the SDK's device manager. */
  devices(): Promise<DevicesModel>;
  /** Gets a token and connects. */
  enter(as: JoinAs): Promise<Entrance>;
  now(): number;
  /** Runs something later; gives back how to call it off. */
  after(ms: number, action: () => void): () => void;
  /** The server did not accept the token; the next entrance needs another one. */
  forgetToken(): void;
}

export type JoinState =
  | { kind: "setup"; problem: string }
  | { kind: "entering" }
  | { kind: "call"; call: CallModel; chat: ChatModel }
  | { kind: "ended"; end: EndView };

export class JoinModel {
  private readonly store = new Store<JoinState>({ kind: "setup", problem: "" });
  private entrance: Entrance | undefined;
  private current: CallModel | undefined;
  private gone = false;

  constructor(
    private readonly services: JoinServices,
    private readonly devices: DevicesModel,
  ) {}

  get state(): Readable<JoinState> {
    return this.store;
  }

  async join(locator: MeetingLocator, as: JoinAs): Promise<void> {
    if (this.store.get().kind !== "setup") {
      return;
    }
    this.store.set({ kind: "entering" });
    try {
      const entrance = await this.services.enter(as);
      if (this.gone) {
        await entrance.dispose();
        return;
      }
      this.entrance = entrance;
      const { video, muted } = this.devices.handOver();
      const call = entrance.join(locator, { videoOptions: optionsOf(video), audioOptions: { muted } });
      this.hold(call, entrance);
    } catch (error) {
      await this.close();
      if (!this.gone) {
        this.store.set({ kind: "setup", problem: sentenceOf(error) });
        void this.devices.start();
      }
    }
  }

  /** From the last page back to the first. */
  again(): void {
    if (this.store.get().kind === "ended") {
      this.store.set({ kind: "setup", problem: "" });
      void this.devices.start();
    }
  }

  /** The page is left: hang up, close everything. */
  leavePage(): void {
    this.gone = true;
    void this.current?.actions.leave();
    void this.close();
    this.devices.end();
  }

  private hold(call: MeetingCall, { own, chat: server }: Entrance): void {
    const model = new CallModel(call, own, { now: this.services.now, camera: () => this.devices.newVideo(), after: this.services.after });
    this.current = model;
    // Of the meeting also while the person is in a breakout room: rooms have no chat of their own.
    const chat = new ChatModel({ server, threadId: () => call.info.threadId, ownId: own.id, after: this.services.after });
    const begun = model.view.subscribe(() => {
      if (model.view.get().phase === "connected") {
        chat.start();
      }
    });
    this.store.set({ kind: "call", call: model, chat });
    const stop = model.end.subscribe(() => {
      const end = model.end.get();
      if (end !== undefined) {
        stop();
        begun();
        chat.end();
        this.current = undefined;
        void this.close();
        if (end.reference.startsWith("401/")) {
          this.services.forgetToken();
        }
        if (!this.gone) {
          this.store.set({ kind: "ended", end });
        }
      }
    });
  }

  private async close(): Promise<void> {
    const entrance = this.entrance;
    this.entrance = undefined;
    // The agent may fail to say goodbye on a lost connection; there is nobody left to tell.
    await entrance?.dispose().catch(() => undefined);
  }
}

function optionsOf(video: LocalVideoStream | undefined): JoinCallOptions["videoOptions"] {
  return video === undefined ? {} : { localVideoStreams: [video] };
}
