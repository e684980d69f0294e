// Agents: who joins and holds calls over one connection.
//
// Owns: the list of calls and the devices that they follow. Invariants: `join` returns at once with a call in `Connecting`; a call is
// announced one microtask later; it is taken off the list in the very tick in which its state became Disconnected.
import type { CommunicationIdentifier } from '@azure/communication-common';

import { isIn } from '../core/call-machine';
import { contextToWire } from '../core/custom-context';
import type { EventMap } from '../core/emitter';
import { Emitter } from '../core/emitter';
import { failure, unsupported } from '../core/errors';
import { isMeeting, toWireLocator } from '../core/locator';
import { rawIdOf } from '../core/roles';
import type { AgentSession } from '../session/agent-session';
import type { JoinPlan } from '../session/call-session';
import { CallSession } from '../session/call-session';
import type { Ringing } from '../session/incoming-calls';
import type { Locator } from '../wire';
import type { CallIdentity } from './call';
import { CallView } from './call';
import { CallAgentKind, CallKind, IncomingCallKind } from './enums';
import { IncomingCallView } from './incoming-call';
import type {
  AcceptCallOptions,
  Call,
  CallAgent,
  CallAgentEvents,
  IncomingCall,
  IncomingCallCommon,
  JoinCallOptions,
  StartCallOptions,
  TeamsCall,
  TeamsCallAgent,
  TeamsCallAgentEvents,
} from './types/call';
import type { CallEndReason, ConnectionState, CollectionUpdatedEvent } from './types/common';
import type { DeviceManager } from './types/devices';
import type { JoinLocator } from './types/locators';

/** What an agent is made of. */
export interface AgentParts {
  readonly connection: AgentSession;
  readonly devices: DeviceManager;
  readonly displayName: string | undefined;
  readonly onDisposed: () => void;
}

type Common<TCall> = { callsUpdated: CollectionUpdatedEvent<TCall> } & Pick<CallAgentEvents, 'connectionStateChanged'>;

/** Most people who are called at once. */
const MOST_CALLEES = 20;

/** What a call is that does not come from a locator of the application. */
type Opening = Pick<JoinPlan, 'start' | 'callId' | 'once' | 'rings' | 'isMeeting'> & Pick<CallIdentity, 'direction' | 'callerInfo' | 'transferorInfo'>;

/** A call that began. */
interface Begun<TKind extends CallKind> {
  readonly session: CallSession;
  readonly call: CallView<TKind>;
}

abstract class AgentView<TKind extends CallKind, TCall, TEvents extends EventMap<TEvents> & Common<TCall>> extends Emitter<TEvents> {
  protected abstract readonly callKind: TKind;
  protected abstract readonly incomingKind: IncomingCallKind;
  private readonly live = new Map<CallSession, CallView<TKind>>();
  private disposed = false;
  private readonly endPageLeft: () => void;
  private readonly cancelFirst: () => void;

  constructor(protected readonly parts: AgentParts) {
    super();
    const events = this as unknown as Emitter<Common<TCall>>;
    parts.connection.on('connection', (newValue, oldValue, reason) => {
      events.emit('connectionStateChanged', { newValue, oldValue, ...(reason ? { reason } : {}) });
    });
    parts.devices.on('selectedMicrophoneChanged', this.onMicrophone);
    parts.devices.on('selectedSpeakerChanged', this.onSpeaker);
    // What rang before the application could listen is told when it can.
    this.cancelFirst = parts.connection.platform.after(0, () => {
      for (const ringing of parts.connection.incoming.all()) this.onRinging(ringing);
      parts.connection.incoming.on('rings', this.onRinging);
    });
    // A page that goes says so; otherwise its person would stay in the roster for the server's time of grace.
    this.endPageLeft = parts.connection.platform.onPageLeft(() => {
      for (const session of [...this.live.keys()]) void session.hangUp(false);
    });
  }

  get connectionState(): ConnectionState {
    return this.parts.connection.connectionState;
  }

  get calls(): ReadonlyArray<TCall> {
    return [...this.live.values()] as unknown as TCall[];
  }

  startCall(participants: CommunicationIdentifier | CommunicationIdentifier[], options: StartCallOptions = {}): TCall {
    const named: CommunicationIdentifier[] = Array.isArray(participants) ? participants : [participants];
    if (named.some((identifier) => 'phoneNumber' in identifier)) {
      throw unsupported('There is no telephone here: only communication users and members are called.');
    }
    const ids = [...new Set(named.map(rawIdOf))];
    if (ids.length === 0 || ids.length > MOST_CALLEES || ids.includes('')) throw failure('invalidCallee');
    const start = { participants: ids, customContext: contextToWire(options.customContext) };
    return this.open(() => undefined, options, { start, once: true, rings: true }) as unknown as TCall;
  }

  join(locator: JoinLocator, options: JoinCallOptions = {}): TCall {
    if (this.disposed) throw failure('agentDisposed');
    const wire = toWireLocator(locator);
    if (!wire) throw failure('invalidLocator');
    return this.open(() => wire, options) as unknown as TCall;
  }

  /** Begins a call. The locator is asked for again whenever the call is joined anew. */
  private open(locator: () => Locator | undefined, options: JoinCallOptions, opening: Opening = {}): CallView<TKind> {
    return this.begin(locator, options, opening).call;
  }

  /** The same; `from` is the call whose place the new one takes, and whose microphone it goes on with. */
  private begin(locator: () => Locator | undefined, options: JoinCallOptions, opening: Opening, from?: CallSession): Begun<TKind> {
    if (this.disposed) throw failure('agentDisposed');
    const { connection, devices, displayName } = this.parts;
    const wire = locator();
    const session: CallSession = new CallSession(connection, {
      ...opening,
      get locator() {
        return locator();
      },
      displayName: displayName ?? null,
      microphone: {
        muted: options.audioOptions?.muted ?? false,
        stream: options.audioOptions?.localAudioStreams?.[0],
        device: devices.selectedMicrophone,
        shared: from?.media.microphone,
      },
      siblings: {
        own: () => this.live.get(session) as unknown as Call | TeamsCall | undefined,
        wireName: (callId) => [...this.live.keys()].find((other) => other.callId === callId)?.wireName,
        open: (next, { muted }) => this.begin(next, { audioOptions: { muted } }, {}, session).call as unknown as Call | TeamsCall,
      },
    });
    const identity = {
      ...opening,
      kind: this.callKind,
      isMeeting: opening.isMeeting ?? (wire !== undefined && isMeeting(wire)),
      groupId: wire?.type === 'group' ? wire.groupId : undefined,
    };
    const call = new CallView<TKind>(session, identity);
    this.live.set(session, call);
    connection.keep(session);
    session.life.on('ended', () => { this.remove(session); });
    session.session.on('said', (event) => {
      if (event.type === 'transferAsked') this.goOver(session, event.transfer);
    });
    session.watch.useDevices(devices);
    session.begin();
    queueMicrotask(() => { this.announce(session, call, options); });
    return { session, call };
  }

  dispose(): Promise<void> {
    if (this.disposed) return Promise.resolve();
    this.disposed = true;
    this.parts.devices.off('selectedMicrophoneChanged', this.onMicrophone);
    this.parts.devices.off('selectedSpeakerChanged', this.onSpeaker);
    this.endPageLeft();
    this.cancelFirst();
    // From this moment the person may have another agent; nothing of this one is waited for.
    this.parts.onDisposed();
    return this.close();
  }

  private async close(): Promise<void> {
    await Promise.all([...this.live.keys()].map((session) => session.hangUp(false)));
    this.parts.connection.close();
    this.clearListeners();
  }

  /** Somebody hands the person over: the other call begins, and this one ends when the server says so. */
  private goOver(session: CallSession, transfer: string): void {
    if (this.disposed || !this.live.has(session)) return;
    // Who had put the call on hold is not heard in the next one before they want to be.
    const audioOptions = { muted: session.media.microphone.isMuted || session.state === 'LocalHold' };
    const { call } = this.begin(() => ({ type: 'transfer', id: transfer }), { audioOptions }, { once: true, rings: true }, session);
    // After the call was announced.
    queueMicrotask(() => { session.session.emit('handedOver', call as unknown as Call | TeamsCall); });
  }

  /** Answers a call that rings; settles when the person is in it, or cannot be. */
  private answer(ringing: Ringing, view: IncomingCallCommon, options: AcceptCallOptions): Promise<CallView<TKind>> {
    const { id, kind } = ringing.incoming;
    const { callerInfo, transferorInfo } = view;
    const { session, call } = this.begin(() => ({ type: 'incoming', id }), options, {
      callId: id,
      once: true,
      isMeeting: kind === 'meeting',
      direction: 'Incoming',
      callerInfo,
      transferorInfo,
    });
    this.parts.connection.incoming.answered(id);
    return new Promise((resolve, reject) => {
      // The session's own state: an application that disposes the call ends the events of the call, not the wait.
      const look = (): void => {
        if (call.state === 'Disconnected') reject(failure('acceptFailed', call.callEndReason?.message));
        else if (isIn(call.state) || call.state === 'InLobby') resolve(call);
        else return;
        session.life.off('state', look);
        this.tellHandled(id, call.callEndReason, call.info.participantId);
      };
      session.life.on('state', look);
    });
  }

  private async decline(ringing: Ringing): Promise<void> {
    try {
      await this.parts.connection.signalling.request({ type: 'rejectIncoming', id: ringing.incoming.id }, null);
    } catch (error) {
      throw failure('rejectFailed', error);
    }
  }

  private readonly onRinging = (ringing: Ringing): void => {
    if (this.disposed || ringing.endReason) return;
    const view: IncomingCallView<IncomingCallKind, CallView<TKind>> = new IncomingCallView(this.incomingKind, ringing, {
      accept: (_, options) => this.answer(ringing, view, options),
      reject: () => this.decline(ringing),
    });
    ringing.on('ended', (reason) => { this.tellHandled(view.id, reason, ''); });
    const events = this as unknown as Emitter<Pick<CallAgentEvents, 'incomingCall'>>;
    events.emit('incomingCall', { incomingCall: view as unknown as IncomingCall });
  };

  private tellHandled(callId: string, reason: CallEndReason | undefined, participantId: string): void {
    const events = this as unknown as Emitter<Pick<CallAgentEvents, 'handleIncomingCall'>>;
    events.emit('handleIncomingCall', { callId, participantId, code: reason?.code ?? 0, subCode: reason?.subCode ?? 0 });
  }

  private announce(session: CallSession, call: CallView<TKind>, options: JoinCallOptions): void {
    if (!this.live.has(session)) return;
    this.tellCalls([call], []);
    void session.media.microphone.begin().catch(() => undefined);
    this.onSpeaker();
    const constraints = options.videoOptions?.constraints;
    if (constraints) void call.setConstraints({ video: constraints }).catch(() => undefined);
    const video = options.videoOptions?.localVideoStreams?.[0];
    if (video) queueMicrotask(() => { call.startInitialVideo(video); });
  }

  private remove(session: CallSession): void {
    const call = this.live.get(session);
    this.live.delete(session);
    this.parts.connection.forget(session);
    if (call) this.tellCalls([], [call]);
  }

  private tellCalls(added: CallView<TKind>[], removed: CallView<TKind>[]): void {
    const events = this as unknown as Emitter<Common<TCall>>;
    events.emit('callsUpdated', { added: added as unknown as TCall[], removed: removed as unknown as TCall[] });
  }

  private readonly onMicrophone = (): void => {
    const device = this.parts.devices.selectedMicrophone;
    if (!device) return;
    for (const session of this.live.keys()) void session.media.microphone.select(device).catch(() => undefined);
  };

  private readonly onSpeaker = (): void => {
    const device = this.parts.devices.selectedSpeaker;
    if (!device) return;
    const id = device.id.replace(/^speaker:/, '');
    for (const session of this.live.keys()) void session.media.path.setSpeaker(id).catch(() => undefined);
  };
}

/** An agent of a guest or visitor. */
export class CallAgentView extends AgentView<CallKind.Call, Call, CallAgentEvents> implements CallAgent {
  readonly kind = CallAgentKind.CallAgent;
  protected readonly callKind = CallKind.Call;
  protected readonly incomingKind = IncomingCallKind.IncomingCall;

  get displayName(): string | undefined {
    return this.parts.displayName;
  }
}

/** An agent of a member. */
export class TeamsCallAgentView extends AgentView<CallKind.TeamsCall, TeamsCall, TeamsCallAgentEvents> implements TeamsCallAgent {
  readonly kind = CallAgentKind.TeamsCallAgent;
  protected readonly callKind = CallKind.TeamsCall;
  protected readonly incomingKind = IncomingCallKind.TeamsIncomingCall;
}
