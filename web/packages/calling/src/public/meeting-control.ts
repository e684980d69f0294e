// Extension beyond the established surface: the meeting's subject, lock and roles.
import type { CommunicationIdentifier } from '@azure/communication-common';

import { Emitter } from '../core/emitter';
import { rawIdOf, wireRole } from '../core/roles';
import type { CallSession } from '../session/call-session';
import { BreakoutControlView } from './breakout-control';
import type { BreakoutControl } from './types/breakout';
import type { MeetingControl } from './types/call';

/** The meeting of a call. */
export class MeetingView extends Emitter<{ meetingChanged: () => void }> implements MeetingControl {
  readonly breakout: BreakoutControl;

  constructor(private readonly session: CallSession) {
    super();
    this.breakout = new BreakoutControlView(session);
    session.life.on('told', (previous, next) => {
      if (previous.meeting !== next.meeting || previous.notStarted !== next.notStarted) this.emit('meetingChanged');
    });
  }

  get subject(): string {
    return this.session.mirror.meeting?.subject ?? '';
  }

  get locked(): boolean {
    return this.session.mirror.meeting?.locked ?? false;
  }

  get waitsForStart(): boolean {
    return this.session.mirror.phase === 'waiting' && this.session.mirror.notStarted;
  }

  async setLocked(locked: boolean): Promise<void> {
    await this.session.request({ type: 'setLocked', locked });
  }

  async setRecording(active: boolean): Promise<void> {
    await this.session.request({ type: 'setRecording', active });
  }

  async setTranscription(active: boolean): Promise<void> {
    await this.session.request({ type: 'setTranscription', active });
  }

  async setTogether(active: boolean): Promise<void> {
    await this.session.request({ type: 'setTogether', active });
  }

  async setRole(identifier: CommunicationIdentifier, role: 'Co-organizer' | 'Presenter' | 'Attendee'): Promise<void> {
    await this.session.request({ type: 'setRole', participant: rawIdOf(identifier), role: wireRole(role) });
  }
}
