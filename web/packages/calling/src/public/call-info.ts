// What identifies a held call. A class with live getters: applications keep this object and read it again and again.
import { Emitter } from '../core/emitter';
import { failure } from '../core/errors';
import type { CallSession } from '../session/call-session';
import type { CallInfo } from './types/call';
import type { PropertyChangedEvent } from './types/common';

/** Live identification of one call. */
export class CallInfoView implements CallInfo {
  declare readonly groupId: string | undefined;
  declare readonly threadId: string | undefined;
  declare readonly participantId: string;
  private declare readonly session: CallSession;
  private declare readonly events: Emitter<{ callInfoChanged: PropertyChangedEvent }>;
  private declare lastThread: string | undefined;

  constructor(session: CallSession, groupId: string | undefined) {
    // Applications copy this object, write it into logs, and keep it in state that they show: it has its identifiers to be seen, live,
    // and nothing else, least of all the session, which knows the access token.
    const seen = (get: () => string | undefined): PropertyDescriptor => ({ get, enumerable: true });
    const hidden = (value: unknown): PropertyDescriptor => ({ value, enumerable: false, writable: true });
    Object.defineProperties(this, {
      session: hidden(session),
      events: hidden(new Emitter<{ callInfoChanged: PropertyChangedEvent }>()),
      lastThread: hidden(undefined),
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
