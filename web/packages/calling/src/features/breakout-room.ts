// Breakout rooms as applications hold them, and the calls that they are.
//
// Owns: which room has which live call, joining, returning, the hold of the main call. Not here: which rooms there are and what is told of
// them (breakout-rooms.ts). Invariants: a room object never changes what it says of the room (applications keep old ones to compare), only
// its `call` is live; the main call is held while somebody is in a room and resumed when no room's call is left, however it ended; no room's
// call outlives the main call.
import { isOver } from '../core/call-machine';
import { failure } from '../core/errors';
import { hide } from '../core/hidden';
import { identifierOf } from '../core/roles';
import type { Call, TeamsCall } from '../public/types/call';
import type { BreakoutRoom, BreakoutRoomState, Invitee } from '../public/types/features-meeting';
import type { CallContext } from '../session/context';
import type { BreakoutRoom as WireRoom } from '../wire';

type AnyCall = Call | TeamsCall;

/** Calls of rooms of one main meeting. */
export class RoomCalls {
  private readonly calls = new Map<string, AnyCall>();
  /** The main call is on hold because of the rooms, not because the person wanted it. */
  private heldMain = false;

  constructor(
    private readonly context: CallContext,
    private readonly onJoined: (call: AnyCall) => void,
  ) {}

  /** The live call of a room. */
  of(room: string): AnyCall | undefined {
    return this.calls.get(room);
  }

  /** Goes into a room: a call of its own; the main call is held meanwhile. */
  async join(room: string): Promise<AnyCall> {
    const known = this.calls.get(room);
    if (known) return known;
    const main = this.context.siblings.own();
    if (main === undefined || isOver(main.state)) throw failure('callEnded');
    if (!this.isOpen(room)) throw failure('breakoutRoomClosed');
    const call = this.context.siblings.open(() => ({ type: 'breakout', call: this.context.wireName ?? '', roomId: room }), { muted: main.isMuted || (main.state === 'LocalHold' && !this.heldMain) });
    const before = [...this.calls.values()];
    this.calls.set(room, call);
    call.on('stateChanged', () => { if (isOver(call.state)) this.ended(room, call); });
    // The agent announces the call first.
    await Promise.resolve();
    this.onJoined(call);
    for (const other of before) void other.hangUp();
    if (main.state === 'Connected') {
      this.heldMain = true;
      await main.hold().catch(() => undefined);
    }
    // It may have failed meanwhile, and then nobody else takes the main call back.
    if (this.calls.size === 0 && this.heldMain) await this.resume();
    return call;
  }

  /** Goes back to the main meeting. */
  async back(room: string): Promise<AnyCall> {
    const main = this.context.siblings.own();
    if (main === undefined || isOver(main.state)) throw failure('callEnded');
    if (this.calls.has(room) && this.isOpen(room) && this.context.mirror.breakout.returnDisabled) throw failure('breakoutReturnDisabled');
    await this.resume();
    await this.calls.get(room)?.hangUp();
    return main;
  }

  /** The main call is over, and with it the rooms. */
  close(): void {
    this.heldMain = false;
    for (const call of [...this.calls.values()]) void call.hangUp();
    this.calls.clear();
  }

  private isOpen(room: string): boolean {
    const { assigned, rooms } = this.context.mirror.breakout;
    return [...rooms, ...(assigned ? [assigned] : [])].some(({ id, open }) => id === room && open);
  }

  private ended(room: string, call: AnyCall): void {
    if (this.calls.get(room) !== call) return;
    this.calls.delete(room);
    // After the agent took the call off its list.
    if (this.calls.size === 0 && this.heldMain) queueMicrotask(() => { void this.resume(); });
  }

  private async resume(): Promise<void> {
    this.heldMain = false;
    const main = this.context.siblings.own();
    if (main?.state === 'LocalHold') await main.resume().catch(() => undefined);
  }
}

/** A room as it was when it was told. */
export class BreakoutRoomView implements BreakoutRoom {
  readonly threadId: string;
  readonly displayName: string;
  readonly state: BreakoutRoomState;
  readonly autoMoveParticipantToBreakoutRoom: boolean;
  /** @internal */
  readonly id: string;

  constructor(
    private readonly room: WireRoom,
    private readonly calls: RoomCalls,
  ) {
    hide(this, 'room', 'calls');
    this.id = room.id;
    this.threadId = room.threadId;
    this.displayName = room.name;
    this.state = room.open ? 'open' : 'closed';
    this.autoMoveParticipantToBreakoutRoom = room.autoMove;
  }

  get invitees(): Invitee[] {
    return this.room.invitees.map((id) => ({ identifier: identifierOf(id) }));
  }

  get call(): AnyCall | undefined {
    return this.calls.of(this.id);
  }

  /** The same room, closed. */
  closed(): BreakoutRoomView {
    return new BreakoutRoomView({ ...this.room, open: false }, this.calls);
  }

  readonly join = async (): Promise<AnyCall> => this.calls.join(this.id);

  readonly returnToMainMeeting = async (): Promise<AnyCall> => this.calls.back(this.id);
}
