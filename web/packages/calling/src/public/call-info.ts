// What identifies a held call. A class with live getters: applications keep this object and read it again and again.
import { Emitter } from '../core/emitter';
import { failure } from '../core/errors';
import type { CallSession } from '../session/call-session';
import type { CallInfo } from './types/call';
import type { PropertyChangedEvent } from './types/common';

/** Live identification of one call. */
export class CallInfoView implements CallInfo {
  private readonly events = new Emitter<{ callInfoChanged: PropertyChangedEvent }>();
  private lastThread: string | undefined;

  constructor(
    private readonly session: CallSession,
    private readonly group: string | undefined,
  ) {
    session.life.on('told', () => {
      this.refresh();
    });
  }

  get groupId(): string | undefined {
    return this.group;
  }

  get threadId(): string | undefined {
    return this.session.mirror.meeting?.threadId;
  }

  get participantId(): string {
    return this.session.endpointId;
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
