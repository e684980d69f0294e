// Breakout rooms of a meeting, told as the server tells them.
//
// Owns: what was told of rooms, the move of somebody who is moved by themself. Not here: the calls of rooms (breakout-room.ts), planning and
// opening rooms (public/breakout-control.ts). In the call of a room only `breakoutRoomsSettings` is told: applications know a room's call by it.
// A room that somebody is in and that is theirs no more is told as closed before anything else, so that they return.
import type {
  BreakoutRoom,
  BreakoutRoomsCallFeature,
  BreakoutRoomsEventData,
  BreakoutRoomsSettings,
  BreakoutRoomsUpdatedListener,
} from '../public/types/features-meeting';
import type { CallContext } from '../session/context';
import type { BreakoutState, BreakoutRoom as WireRoom } from '../wire';
import { BreakoutRoomView, RoomCalls } from './breakout-room';
import { Feature } from './feature';

const NOTHING: BreakoutState = { assigned: null, rooms: [], ends: null, returnDisabled: false, mainThreadId: null };

/** Rooms that the own person is assigned to or manages. */
export class BreakoutRooms extends Feature<{ breakoutRoomsUpdated: BreakoutRoomsUpdatedListener }> implements BreakoutRoomsCallFeature {
  readonly name = 'BreakoutRooms';
  private readonly calls: RoomCalls;
  private seen = NOTHING;
  private assigned: BreakoutRoomView | undefined;
  private all: BreakoutRoomView[] | undefined;
  /** The open room that the person was moved to; who returned is not moved again. */
  private movedTo: string | undefined;

  constructor(context: CallContext) {
    super(context);
    this.calls = new RoomCalls(context, (data) => { this.tell({ type: 'join', data }); });
    this.follow('mirrored', () => { this.take(context.mirror.breakout); });
    // Not `follow`: the rooms end with the main call also when the application let go of this feature before, as `call.dispose()` does.
    context.session.on('over', () => { this.calls.close(); });
    // Whoever asks for the feature late is told what there is as well.
    queueMicrotask(() => { if (!this.isOver) this.take(context.mirror.breakout); });
  }

  get assignedBreakoutRooms(): BreakoutRoom | undefined {
    return this.assigned;
  }

  get breakoutRooms(): BreakoutRoom[] | undefined {
    return this.all && [...this.all];
  }

  get breakoutRoomsSettings(): BreakoutRoomsSettings | undefined {
    return settingsOf(this.context.mirror.breakout);
  }

  private take(next: BreakoutState): void {
    const before = this.seen;
    if (before === next) return;
    this.seen = next;
    const settings = settingsOf(next);
    if (settings && differ(settings, settingsOf(before))) this.tell({ type: 'breakoutRoomsSettings', data: settings });
    this.takeAll(before.rooms, next.rooms);
    this.takeAssigned(before.assigned, next.assigned);
    if (next.assigned?.open !== true) this.movedTo = undefined;
    else if (next.assigned.autoMove && this.movedTo !== next.assigned.id) this.moveTo(next.assigned.id);
  }

  private takeAll(before: readonly WireRoom[], next: readonly WireRoom[]): void {
    if (!differ(before, next)) return;
    this.all = next.length === 0 ? undefined : next.map((room) => new BreakoutRoomView(room, this.calls));
    const data = this.breakoutRooms;
    this.tell({ type: 'breakoutRooms', ...(data ? { data } : {}) });
  }

  private takeAssigned(before: WireRoom | null, next: WireRoom | null): void {
    if (!differ(before, next)) return;
    const room = this.assigned;
    const moves = next?.open === true && next.autoMove;
    const leaves = room?.call !== undefined && room.id !== next?.id && !moves;
    if (room && leaves) {
      this.assigned = room.closed();
      this.tell({ type: 'assignedBreakoutRooms', data: this.assigned });
      if (next === null) return;
    }
    this.assigned = next === null ? undefined : new BreakoutRoomView(next, this.calls);
    this.tell({ type: 'assignedBreakoutRooms', ...(this.assigned ? { data: this.assigned } : {}) });
  }

  private moveTo(room: string): void {
    this.movedTo = room;
    // A room that closed in this moment is told as closed.
    void this.calls.join(room).catch(() => undefined);
  }

  private tell(data: BreakoutRoomsEventData): void {
    this.emit('breakoutRoomsUpdated', data);
  }
}

/** Settings are those of a room that one is in. */
function settingsOf({ mainThreadId, returnDisabled, ends }: BreakoutState): BreakoutRoomsSettings | undefined {
  if (mainThreadId === null) return undefined;
  return { disableReturnToMainMeeting: returnDisabled, ...(ends === null ? {} : { roomEndTime: ends }) };
}

function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
