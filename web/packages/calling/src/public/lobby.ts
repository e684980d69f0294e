// The lobby as those see it who may admit.
import type { CommunicationIdentifier } from '@azure/communication-common';

import { Emitter } from '../core/emitter';
import { failure } from '../core/errors';
import { rawIdOf } from '../core/roles';
import type { CallSession } from '../session/call-session';
import type { CollectionUpdatedEvent } from './types/common';
import type { AdmitAllResult, Lobby, RemoteParticipant } from './types/participants';

/** Admits and rejects. */
export class LobbyView extends Emitter<{ lobbyParticipantsUpdated: CollectionUpdatedEvent<RemoteParticipant> }> implements Lobby {
  constructor(private readonly session: CallSession) {
    super();
    session.life.on('people', ({ waiting }) => {
      if (waiting.added.length + waiting.removed.length > 0) this.emit('lobbyParticipantsUpdated', { ...waiting });
    });
  }

  get participants(): RemoteParticipant[] {
    return this.session.roster.waiting();
  }

  async admit(identifier: CommunicationIdentifier): Promise<void> {
    await this.session.request({ type: 'admit', participants: [rawIdOf(identifier)] });
  }

  async reject(identifier: CommunicationIdentifier): Promise<void> {
    await this.session.request({ type: 'reject', participants: [rawIdOf(identifier)] });
  }

  async admitAll(): Promise<AdmitAllResult> {
    const reply = await this.session.request({ type: 'admit', participants: [] });
    if (reply.type !== 'admitted') throw failure('protocol', 'the answer to admit is no count');
    return { successCount: reply.admitted, failureCount: reply.failed };
  }
}
