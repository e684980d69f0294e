// Extension beyond the established surface: breakout rooms for those who manage them (signed-in people who run the meeting). Who takes part
// in them uses the feature BreakoutRooms.
import type { CommunicationIdentifier } from '@azure/communication-common';

import { Emitter } from '../core/emitter';
import { identifierOf, rawIdOf } from '../core/roles';
import type { CallSession } from '../session/call-session';
import type { BreakoutControl, BreakoutMessage, BreakoutPlan, ManagedBreakoutRoom } from './types/breakout';

/** Plans, opens and closes the rooms of one meeting. The server decides who may. */
export class BreakoutControlView extends Emitter<{ message: (message: BreakoutMessage) => void }> implements BreakoutControl {
  constructor(private readonly session: CallSession) {
    super();
    session.session.on('said', (event) => {
      if (event.type !== 'broadcast') return;
      this.emit('message', { sender: identifierOf(event.participant), displayName: event.displayName, text: event.text });
    });
  }

  get rooms(): ManagedBreakoutRoom[] {
    const { rooms } = this.session.mirror.breakout;
    return rooms.map(({ id, name, open, invitees }) => ({ id, displayName: name, isOpen: open, invitees: invitees.map(identifierOf) }));
  }

  async plan({ rooms, autoMove = false, disableReturn = false, seconds }: BreakoutPlan): Promise<void> {
    await this.session.request({
      type: 'planBreakoutRooms',
      rooms: rooms.map(({ displayName, invitees }) => ({ name: displayName, invitees: invitees.map(rawIdOf) })),
      autoMove,
      returnDisabled: disableReturn,
      seconds: seconds ?? null,
    });
  }

  async assign(identifier: CommunicationIdentifier, roomId: string | undefined): Promise<void> {
    await this.session.request({ type: 'assignBreakoutRoom', participant: rawIdOf(identifier), roomId: roomId ?? null });
  }

  async open(): Promise<void> {
    await this.session.request({ type: 'openBreakoutRooms' });
  }

  async close(): Promise<void> {
    await this.session.request({ type: 'closeBreakoutRooms' });
  }

  async say(text: string): Promise<void> {
    await this.session.request({ type: 'broadcastToBreakoutRooms', text });
  }
}
