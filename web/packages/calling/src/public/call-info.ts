// What identifies a held call. A class with live getters: applications keep this object and read it again and again.
import { Emitter } from '../core/emitter';
import { failure } from '../core/errors';
import { hide } from '../core/hidden';
import type { CallSession } from '../session/call-session';
import type { CallInfo } from './types/call';
import type { PropertyChangedEvent } from './types/common';

/** Live identification of one call. */
export class CallInfoView implements CallInfo {
  declare readonly groupId: string | undefined;
  declare readonly threadId: string | undefined;
  declare readonly participantId: string;
  private readonly events = new Emitter<{ callInfoChanged: PropertyChangedEvent }>();
  private lastThread: string | undefined;

  constructor(
    private readonly session: CallSession,
    groupId: string | undefined,
  ) {
    // Applications copy this object and write it down: it shows its identifiers, live, and nothing else.
    hide(this, 'session', 'events', 'lastThread');
    const seen = (get: () => string | undefined): PropertyDescriptor => ({ get, enumerable: true });
    Object.defineProperties(this, {
      groupId: seen(() => groupId),
      // A call without a chat has an empty one on the wire.
      threadId: seen(() => session.mirror.meeting?.threadId || undefined),
      participantId: seen(() => session.endpointId),
    });
    session.life.on('told', () => {
      this.refresh();
    });
  }

  readonly getServerCallId = (): Promise<string> => {
    const id = this.session.mirror.meeting?.serverCallId;
    return id === undefined ? Promise.reject(failure('notConnected')) : Promise.resolve(id);
  };

  readonly onCallInfoChanged = (event: 'callInfoChanged', listener: PropertyChangedEvent): void => {
    this.events.on(event, listener);
  };

  readonly offCallInfoChanged = (event: 'callInfoChanged', listener: PropertyChangedEvent): void => {
    this.events.off(event, listener);
  };

  private refresh(): void {
    if (this.lastThread === this.threadId) return;
    this.lastThread = this.threadId;
    this.events.emit('callInfoChanged');
  }
}
