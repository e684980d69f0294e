// Agents: who joins and holds calls over one connection.
//
// Owns: the list of calls and the devices that they follow. Invariants: `join` returns at once with a call in `Connecting`; a call is
// announced one microtask later; it is taken off the list in the very tick in which its state became Disconnected.
import type { CommunicationIdentifier } from '@azure/communication-common';

import type { EventMap } from '../core/emitter';
import { Emitter } from '../core/emitter';
import { failure, unsupported } from '../core/errors';
import { isMeeting, toWireLocator } from '../core/locator';
import type { AgentSession } from '../session/agent-session';
import { CallSession } from '../session/call-session';
import { CallView } from './call';
import { CallAgentKind, CallKind } from './enums';
import type { Call, CallAgent, CallAgentEvents, JoinCallOptions, TeamsCall, TeamsCallAgent, TeamsCallAgentEvents } from './types/call';
import type { ConnectionState, CollectionUpdatedEvent } from './types/common';
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

abstract class AgentView<TKind extends CallKind, TCall, TEvents extends EventMap<TEvents> & Common<TCall>> extends Emitter<TEvents> {
  protected abstract readonly callKind: TKind;
  private readonly live = new Map<CallSession, CallView<TKind>>();
  private disposed = false;
  private readonly endPageLeft: () => void;

  constructor(protected readonly parts: AgentParts) {
    super();
    const events = this as unknown as Emitter<Common<TCall>>;
    parts.connection.on('connection', (newValue, oldValue, reason) => {
      events.emit('connectionStateChanged', { newValue, oldValue, ...(reason ? { reason } : {}) });
    });
    parts.devices.on('selectedMicrophoneChanged', this.onMicrophone);
    parts.devices.on('selectedSpeakerChanged', this.onSpeaker);
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

  startCall(_participants: CommunicationIdentifier | CommunicationIdentifier[]): TCall {
    throw unsupported('Calls to people are not offered here; join a meeting.');
  }

  join(locator: JoinLocator, options: JoinCallOptions = {}): TCall {
    if (this.disposed) throw failure('agentDisposed');
    const wire = toWireLocator(locator);
    if (!wire) throw failure('invalidLocator');
    const { connection, devices, displayName } = this.parts;
    const session = new CallSession(connection, {
      locator: wire,
      displayName: displayName ?? null,
      microphone: {
        muted: options.audioOptions?.muted ?? false,
        stream: options.audioOptions?.localAudioStreams?.[0],
        device: devices.selectedMicrophone,
      },
    });
    const identity = { kind: this.callKind, isMeeting: isMeeting(wire), groupId: wire.type === 'group' ? wire.groupId : undefined };
    const call = new CallView<TKind>(session, identity);
    this.live.set(session, call);
    connection.keep(session);
    session.life.on('ended', () => { this.remove(session); });
    session.watch.useDevices(devices);
    session.begin();
    queueMicrotask(() => { this.announce(session, call, options); });
    return call as unknown as TCall;
  }

  dispose(): Promise<void> {
    if (this.disposed) return Promise.resolve();
    this.disposed = true;
    this.parts.devices.off('selectedMicrophoneChanged', this.onMicrophone);
    this.parts.devices.off('selectedSpeakerChanged', this.onSpeaker);
    this.endPageLeft();
    // From this moment the person may have another agent; nothing of this one is waited for.
    this.parts.onDisposed();
    return this.close();
  }

  private async close(): Promise<void> {
    await Promise.all([...this.live.keys()].map((session) => session.hangUp(false)));
    this.parts.connection.close();
    this.clearListeners();
  }

  private announce(session: CallSession, call: CallView<TKind>, options: JoinCallOptions): void {
    if (!this.live.has(session)) return;
    this.tellCalls([call], []);
    void session.media.microphone.begin().catch(() => undefined);
    this.onSpeaker();
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

  get displayName(): string | undefined {
    return this.parts.displayName;
  }
}

/** An agent of a member. */
export class TeamsCallAgentView extends AgentView<CallKind.TeamsCall, TeamsCall, TeamsCallAgentEvents> implements TeamsCallAgent {
  readonly kind = CallAgentKind.TeamsCallAgent;
  protected readonly callKind = CallKind.TeamsCall;
}
