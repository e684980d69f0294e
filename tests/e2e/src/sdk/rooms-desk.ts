/** Rooms of a running server, made and changed as an application does: with the official rooms client and the connection string. */
import { RoomsClient } from '@azure/communication-rooms';
import type { ParticipantRole } from '@azure/communication-rooms';

import type { House } from '../house.js';

/** Whom to put into a room, by raw id. */
export type People = Readonly<Record<string, ParticipantRole>>;

/** Administers rooms. */
export class RoomsDesk {
  private readonly client: RoomsClient;

  constructor(house: House) {
    const connection = house.ready.connectionString.replace(/endpoint=[^;]*/i, `endpoint=${house.ready.httpOrigin}`);
    this.client = new RoomsClient(connection, { allowInsecureConnection: true } as object);
  }

  /** Makes a room with these people; gives its locator. */
  async make(people: People, times: { validFrom?: Date; validUntil?: Date } = {}): Promise<{ roomId: string }> {
    const { id } = await this.client.createRoom({ ...times, participants: invitations(people) });
    return { roomId: id };
  }

  /** Adds people or changes their roles. */
  async put({ roomId }: { roomId: string }, people: People): Promise<void> {
    await this.client.addOrUpdateParticipants(roomId, invitations(people));
  }

  /** Takes somebody out. */
  async remove({ roomId }: { roomId: string }, rawId: string): Promise<void> {
    await this.client.removeParticipants(roomId, [{ communicationUserId: rawId }]);
  }

  /** Changes when the room is open. */
  async open({ roomId }: { roomId: string }, times: { validFrom?: Date; validUntil?: Date }): Promise<void> {
    await this.client.updateRoom(roomId, times);
  }

  async delete({ roomId }: { roomId: string }): Promise<void> {
    await this.client.deleteRoom(roomId);
  }
}

function invitations(people: People): { id: { communicationUserId: string }; role: ParticipantRole }[] {
  return Object.entries(people).map(([communicationUserId, role]) => ({ id: { communicationUserId }, role }));
}
