// One call from `join` to its end: admission, the mirror of the meeting, resumption, the end.
//
// Owns: the state machine of the call, its name on the wire, its ticket. Delegates: people (roster.ts), media (media-path.ts,
// local-*.ts), views (video-subscriptions.ts), the socket (adapters/signalling.ts). Not here: the object that applications hold
// (public/call.ts). Invariants: state changes only along core/call-machine.ts; people are delivered before features hear of them;
// exactly one end, with its reason set before anybody hears of it; a hang-up never waits for the network.
// Tests: test/call.test.ts, test/resume.test.ts.
import type { Platform } from '../adapters/platform';
import type { Signalling } from '../adapters/signalling';
import { isIn, isOver, mayFollow } from '../core/call-machine';
import { Emitter } from '../core/emitter';
import { CallingError, LOCAL_HANG_UP, endReasonFromError, endReasonFromRefusal, failure } from '../core/errors';
import type { KnownOrUnknownEvent, MeetingMirror } from '../core/mirror';
import { EMPTY_MIRROR, isSaid, reduce } from '../core/mirror';
import { SaidQueue } from '../core/said-queue';
import type { CallEndReason, CallState } from '../public/types/common';
import { DiagnosticQuality } from '../public/enums';
import type { IceServer, Joined, Locator, Refusal, Reply, RequestBody, ResumeCall } from '../wire';
import type { CallMedia, MicrophoneOptions } from './call-media';
import { createCallMedia } from './call-media';
import type { CallContext, SessionEvents } from './context';
import type { RemotePerson } from './remote-participant';
import type { RosterStep } from './roster';
import type { Siblings } from './siblings';
import { Roster } from './roster';
import { CallWatch } from './call-watch';
import { VideoSubscriptions } from './video-subscriptions';

/** A connection lost for so long ends the call. */
const GIVE_UP_MS = 120_000;
const RETRY_MS = 1_000;
/** Ways to name a meeting. */
const MEETINGS: ReadonlySet<Locator['type']> = new Set(['link', 'meetingId', 'coordinates', 'breakout']);
/** After these the person may simply join again; admission decides anew. */
const SERVER_STOPPING = 'serverStopping';
const REJOIN: ReadonlySet<string> = new Set(['resumeTicketInvalid', 'noSuchCall', 'sessionLost', SERVER_STOPPING]);

/** What a session needs of its agent. */
export interface SessionAgent {
  readonly platform: Platform;
  readonly signalling: Signalling;
  iceServers(): readonly IceServer[];
  /** Events of this call go to this session from now on. */
  route(call: string, session: CallSession): void;
  unroute(call: string): void;
}

/** How to join. */
export interface JoinPlan {
  /** Nothing for a call that is made to people. */
  readonly locator: Locator | undefined;
  /** Whom to call, and what their applications are told. */
  readonly start?: { readonly participants: string[]; readonly customContext: Record<string, string> };
  /** The id that applications know already. */
  readonly callId?: string;
  /** What brings the person in works once: a call that is lost is over. */
  readonly once?: boolean;
  /** The others are rung: until one answers, the call rings. */
  readonly rings?: boolean;
  /** The call that rang was a meeting's. */
  readonly isMeeting?: boolean;
  readonly displayName: string | null;
  readonly microphone: MicrophoneOptions;
  readonly siblings: Siblings;
}

interface LifeEvents {
  state: () => void;
  people: (step: RosterStep) => void;
  /** The mirror changed and people were delivered; features have not heard yet. */
  told: (previous: MeetingMirror, next: MeetingMirror) => void;
  /** The call is over; its reason is set, its state is Disconnected. */
  ended: () => void;
}

/** One call. */
export class CallSession implements CallContext {
  readonly callId: string;
  readonly session = new Emitter<SessionEvents>();
  readonly life = new Emitter<LifeEvents>();
  readonly roster: Roster;
  readonly subscriptions: VideoSubscriptions;
  readonly media: CallMedia;
  readonly watch: CallWatch;
  private current: MeetingMirror = EMPTY_MIRROR;
  private currentState: CallState = 'None';
  private readonly said = new SaidQueue((event) => { this.session.emit('said', event); });
  private reason: CallEndReason | undefined;
  private joined: Joined | undefined;
  private lastEndpoint = '';
  private ticket: string | undefined;
  private joining = false;
  private cancelGiveUp: (() => void) | undefined;
  private cancelRetry: () => void = () => undefined;

  constructor(
    private readonly agent: SessionAgent,
    private readonly plan: JoinPlan,
  ) {
    const { platform } = agent;
    this.callId = plan.callId ?? platform.uuid();
    const request = (body: RequestBody): Promise<Reply> => this.request(body);
    this.subscriptions = new VideoSubscriptions(platform, () => this.current, request, (publication, arrival) => {
      this.roster.setArrival(publication, arrival);
    });
    this.roster = new Roster({
      subscriptions: this.subscriptions,
      mute: async (id) => {
        await this.request({ type: 'muteParticipants', participants: [id] });
      },
    });
    this.media = createCallMedia(platform, plan.microphone, {
      request,
      slots: (slots) => { this.subscriptions.useSlots(slots); },
      flowing: (flows) => { this.tellReconnect(flows ? DiagnosticQuality.Good : DiagnosticQuality.Bad); },
      relays: (reachable) => { this.watch.relays(reachable); },
      diagnostic: (change) => { this.session.emit('media', change); },
    });
    this.watch = new CallWatch(platform, this.media, this.session, () => this.current);
  }

  get isMeeting(): boolean {
    return this.plan.isMeeting ?? (this.plan.locator !== undefined && MEETINGS.has(this.plan.locator.type));
  }

  get siblings(): Siblings {
    return this.plan.siblings;
  }

  get mirror(): MeetingMirror {
    return this.current;
  }

  get state(): CallState {
    return this.currentState;
  }

  get endReason(): CallEndReason | undefined {
    return this.reason;
  }

  /** The own connection in this call, the last one when there is none now; empty before the server answered. */
  get endpointId(): string {
    return this.lastEndpoint;
  }

  get isOver(): boolean {
    return isOver(this.currentState);
  }

  /** Name of the call on the wire, nothing before the server answered. */
  get wireName(): string | undefined {
    return this.joined?.call;
  }

  /** Somebody of the roster. */
  participant(rawId: string): RemotePerson | undefined {
    return this.roster.get(rawId);
  }

  stats(): Promise<RTCStatsReport | undefined> {
    return this.media.path.stats();
  }

  get platform(): Platform {
    return this.agent.platform;
  }

  /** Asks the server about this call. */
  request(body: RequestBody): Promise<Reply> {
    if (isOver(this.currentState)) return Promise.reject(failure('callEnded'));
    if (!this.joined) return Promise.reject(failure('notConnected'));
    // A new peer counts the generations of its slots from the start. The answer divides old bindings from new ones, in the order of frames.
    const onReply = body.type === 'offerMedia' && body.fresh ? () => { this.current = { ...this.current, slots: new Map() }; } : undefined;
    return this.agent.signalling.request(body, this.joined.call, onReply);
  }

  /** Asks the server something that is about no live call; also when this one is over. */
  ask(body: RequestBody): Promise<Reply> {
    return this.agent.signalling.request(body, null);
  }

  /** Begins to join. */
  begin(): void {
    this.setState('Connecting');
    if (!this.agent.signalling.isReady) this.connectionDown();
    void this.join();
  }

  /** What the next hello should bring back. */
  resumable(): ResumeCall[] {
    return this.joined && this.ticket !== undefined && !isOver(this.currentState) ? [{ call: this.joined.call, ticket: this.ticket }] : [];
  }

  /** The socket is lost. */
  connectionDown(): void {
    if (isOver(this.currentState)) return;
    this.media.offline();
    this.limitWaiting();
    if (isIn(this.currentState)) this.tellReconnect(DiagnosticQuality.Bad);
  }

  /** The socket is back: with this call, or without it. */
  connectionUp(resumedTicket: string | undefined, lost: Refusal | undefined): void {
    if (isOver(this.currentState)) return;
    this.endWaiting();
    if (resumedTicket !== undefined) this.ticket = resumedTicket;
    else if (this.joined === undefined) void this.join();
    else this.lost(lost);
  }

  /** The server will not talk to this client again. */
  refused(error: CallingError): void {
    this.finish(endReasonFromError(error));
  }

  /** Something happened. */
  receive(revision: number, event: KnownOrUnknownEvent): void {
    if (isOver(this.currentState)) return;
    const previous = this.current;
    const { mirror, askSnapshot, applied } = reduce(previous, revision, event);
    this.current = mirror;
    if (askSnapshot) this.askSnapshot();
    if (!applied) return;
    if (event.type === 'ended') this.ended(event.reason);
    else if (event.type === 'mediaLost') this.media.path.renew();
    else if (isSaid(event)) this.said.take(event, mirror.stale);
    else this.deliver(previous, mirror, event.type);
  }

  /** An event could not be read. */
  unreadable(type: string | undefined): void {
    if (isOver(this.currentState)) return;
    // A snapshot that cannot be read would be asked for without end.
    if (type === 'snapshot' || type === 'ended') this.finish(endReasonFromError(failure('protocol', `${type} could not be read`)));
    else if (!this.current.stale && this.current.phase === 'in') {
      this.current = { ...this.current, stale: true };
      this.askSnapshot();
    }
  }

  /** Leaves. The server is told, but not waited for. */
  async hangUp(forEveryone: boolean): Promise<void> {
    if (isOver(this.currentState)) return;
    const leave = this.request({ type: 'leave', forEveryone }).catch(() => undefined);
    this.setState('Disconnecting');
    void leave;
    await Promise.resolve();
    this.finish(LOCAL_HANG_UP);
  }

  /** Ends the call here, with this reason. */
  finish(reason: CallEndReason): void {
    if (this.currentState === 'Disconnected') return;
    this.endWaiting();
    this.cancelRetry();
    this.said.clear();
    this.reason = reason;
    this.watch.stop();
    this.media.close();
    this.subscriptions.close();
    if (this.joined) this.agent.unroute(this.joined.call);
    this.setState('Disconnected');
    this.life.emit('ended');
    this.session.emit('over');
  }

  /** Holds the call: nothing more is sent or heard from this moment on. */
  async hold(): Promise<void> {
    const stopped = this.media.path.hold(true);
    // The server is asked first; until then nobody listens.
    stopped.catch(() => undefined);
    try {
      await this.request({ type: 'setHeld', held: true });
    } catch (error) {
      // What the server said is what is told, whatever the browser does now.
      await this.media.path.hold(false).catch(() => undefined);
      throw error;
    }
    this.setState('LocalHold');
    await stopped;
  }

  /** Takes a held call back. */
  async resume(): Promise<void> {
    await this.request({ type: 'setHeld', held: false });
    this.setState(heldByOther(this.current) ? 'RemoteHold' : 'Connected');
    await this.media.path.hold(false);
  }

  private async join(): Promise<void> {
    if (this.joining) return;
    this.joining = true;
    try {
      const body = this.opening();
      await this.agent.signalling.request(body, null, (reply) => { this.joinedAs(reply); }, (reply) => { this.leaveAgain(reply); });
      this.joining = false;
    } catch (error) {
      this.joining = false;
      this.joinFailed(error);
    }
  }

  private opening(): RequestBody {
    const { locator, start, displayName } = this.plan;
    const muted = this.media.microphone.isMuted;
    if (start) return { type: 'startCall', ...start, displayName, muted };
    if (!locator) throw failure('invalidLocator');
    return { type: 'join', locator, displayName, muted };
  }

  private joinFailed(error: unknown): void {
    if (isOver(this.currentState)) return;
    const lost = error instanceof CallingError && (error.reason === 'connectionLost' || error.reason === 'requestTimeout');
    if (this.plan.once === true) {
      this.finish(endReasonFromError(error));
      return;
    }
    // Without a connection the next welcome joins again; a server that is there and silent does not get a second question.
    if (lost && !this.agent.signalling.isReady) return;
    if (error instanceof CallingError && error.reason === 'connectionLost') void this.join();
    else if (error instanceof CallingError && error.reason === SERVER_STOPPING && isIn(this.currentState)) this.joinLater();
    else this.finish(endReasonFromError(error));
  }

  /** Called in the order of frames, so that no event of the call can come before. */
  private joinedAs(reply: Reply): void {
    if (reply.type !== 'joined') return;
    if (isOver(this.currentState)) {
      this.leaveAgain(reply);
      return;
    }
    this.endWaiting();
    this.cancelRetry();
    this.joined = reply;
    this.lastEndpoint = reply.session;
    this.ticket = reply.resumeTicket;
    this.current = { ...this.current, revision: 0, stale: this.current.phase === 'in' };
    this.agent.route(reply.call, this);
    if (reply.waiting) this.setState('InLobby');
  }

  /** The server let in somebody who had given up; nobody would see this person, but the others would. */
  private leaveAgain(reply: Reply): void {
    if (reply.type !== 'joined') return;
    void this.agent.signalling.request({ type: 'leave', forEveryone: false }, reply.call).catch(() => undefined);
  }

  private lost(refusal: Refusal | undefined): void {
    if (this.joined) this.agent.unroute(this.joined.call);
    this.joined = undefined;
    this.ticket = undefined;
    this.media.path.leave();
    if (this.plan.once === true) this.finish(refusal ? endReasonFromRefusal(refusal) : endReasonFromError(failure('connectionLost')));
    else if (refusal !== undefined && !REJOIN.has(refusal.name)) this.finish(endReasonFromRefusal(refusal));
    else if (refusal?.name === SERVER_STOPPING) this.joinLater();
    else void this.join();
  }

  /** A server that stops would refuse; the next one, or the next welcome, will not. */
  private joinLater(): void {
    this.limitWaiting();
    this.tellReconnect(DiagnosticQuality.Bad);
    this.cancelRetry();
    this.cancelRetry = this.agent.platform.after(RETRY_MS, () => {
      if (this.agent.signalling.isReady && !this.joined && !isOver(this.currentState)) void this.join();
    });
  }

  private limitWaiting(): void {
    this.cancelGiveUp ??= this.agent.platform.after(GIVE_UP_MS, () => { this.finish(endReasonFromError(failure('networkGone'))); });
  }

  private endWaiting(): void {
    this.cancelGiveUp?.();
    this.cancelGiveUp = undefined;
  }

  private ended(reason: Refusal): void {
    if (REJOIN.has(reason.name) && isIn(this.currentState) && this.plan.once !== true) this.lost(reason);
    else this.finish(endReasonFromRefusal(reason));
  }

  private deliver(previous: MeetingMirror, next: MeetingMirror, type: KnownOrUnknownEvent['type']): void {
    const step = this.roster.sync(previous, next);
    this.life.emit('people', step);
    if (next.phase === 'waiting') {
      this.said.clear();
      this.media.leave();
      this.setState('InLobby');
    } else {
      this.follow(next);
    }
    this.life.emit('told', previous, next);
    this.subscriptions.changed(previous, next);
    this.session.emit('mirrored', previous, next);
    if (type === 'snapshot') {
      this.enterMedia(next);
      this.said.flush();
    }
  }

  /** Ringing until one of the called is inside; on hold while the only other one holds. */
  private follow(next: MeetingMirror): void {
    const alone = ![...next.participants.values()].some(({ id, presence }) => id !== next.own?.id && presence !== 'ringing');
    if (!isIn(this.currentState)) this.setState(this.plan.rings === true && next.meeting?.kind === 'direct' && alone ? 'Ringing' : 'Connected');
    if (isIn(this.currentState) && this.currentState !== 'LocalHold') this.setState(heldByOther(next) ? 'RemoteHold' : 'Connected');
  }

  private enterMedia(mirror: MeetingMirror): void {
    const { own } = mirror;
    if (!own) return;
    // Joined anew, the server does not know that the person holds.
    if (this.currentState === 'LocalHold' && mirror.participants.get(own.id)?.presence === 'inside') {
      void this.request({ type: 'setHeld', held: true }).catch(() => undefined);
    }
    this.tellReconnect(DiagnosticQuality.Good);
    this.watch.start();
    this.media.enter([...mirror.iceServers, ...this.agent.iceServers()], own, mirror.participants.get(own.id)?.publications ?? []);
    this.subscriptions.tellAgain();
  }

  private askSnapshot(): void {
    this.request({ type: 'snapshot' }).catch(() => {
      this.cancelRetry();
      this.cancelRetry = this.agent.platform.after(RETRY_MS, () => {
        if (this.current.stale && this.agent.signalling.isReady) this.askSnapshot();
      });
    });
  }

  private reconnecting = false;

  private tellReconnect(value: DiagnosticQuality): void {
    const bad = value !== DiagnosticQuality.Good;
    if (bad === this.reconnecting) return;
    this.reconnecting = bad;
    this.session.emit('network', { diagnostic: 'networkReconnect', value, valueType: 'DiagnosticQuality' });
  }

  private setState(state: CallState): void {
    if (this.currentState === state || !mayFollow(this.currentState, state)) return;
    this.currentState = state;
    this.life.emit('state');
  }
}

/** In a call of two: whether the other one holds it. In larger calls and meetings everybody holds for themselves. */
function heldByOther({ meeting, own, participants }: MeetingMirror): boolean {
  if (meeting?.kind !== 'direct') return false;
  const others = [...participants.values()].filter(({ id, presence }) => id !== own?.id && presence !== 'ringing');
  return others.length === 1 && others[0]?.presence === 'held';
}
