// Breakout rooms: inert, the server does not have them yet.
import type { BreakoutRoom, BreakoutRoomsCallFeature, BreakoutRoomsSettings, BreakoutRoomsUpdatedListener } from '../public/types/features-meeting';
import { Feature } from './feature';

/** Nobody is ever assigned. */
export class BreakoutRooms extends Feature<{ breakoutRoomsUpdated: BreakoutRoomsUpdatedListener }> implements BreakoutRoomsCallFeature {
  readonly name = 'BreakoutRooms';
  readonly assignedBreakoutRooms: BreakoutRoom | undefined = undefined;
  readonly breakoutRooms: BreakoutRoom[] | undefined = undefined;
  readonly breakoutRoomsSettings: BreakoutRoomsSettings | undefined = undefined;
}
