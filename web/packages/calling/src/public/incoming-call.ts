// A call that rings, as applications hold it.
//
// Invariants: it is answered or declined once (a decline that failed does not count); an accepted call has the id of the incoming one; `callEndReason` is set before `callEnded`
// is heard; `info` has own members only, because applications copy it. Tests: test/calls.test.ts.
import { contextFromWire } from '../core/custom-context';
import { Emitter } from '../core/emitter';
import { failure } from '../core/errors';
import { identifierOf } from '../core/roles';
import type { Ringing } from '../session/incoming-calls';
import type { IncomingCallKind } from './enums';
import type { AcceptCallOptions, CallInfo, CustomContext, IncomingCallCommon, IncomingCallEvents } from './types/call';
import type { CallEndReason, CallerInfo, TransferorInfo } from './types/common';

/** What an incoming call asks of its agent. */
export interface IncomingHost<TCall> {
  /** Makes the call of an answer; settles when it is in the call, or cannot be. */
  accept(ringing: Ringing, options: AcceptCallOptions): Promise<TCall>;
  reject(ringing: Ringing): Promise<void>;
}

function who(id: string, displayName: string): CallerInfo {
  return { identifier: identifierOf(id), ...(displayName === '' ? {} : { displayName }) };
}

/** A call that rings at a guest or a member. */
export class IncomingCallView<TKind extends IncomingCallKind, TCall> extends Emitter<IncomingCallEvents> implements IncomingCallCommon {
  readonly id: string;
  readonly info: CallInfo;
  private readonly context: CustomContext | undefined;
  private settled = false;

  constructor(
    readonly kind: TKind,
    private readonly ringing: Ringing,
    private readonly host: IncomingHost<TCall>,
  ) {
    super();
    this.id = ringing.incoming.id;
    this.context = contextFromWire(ringing.incoming.customContext);
    this.info = {
      participantId: '',
      // Whoever is rung does not know the call yet.
      getServerCallId: () => Promise.reject(failure('notConnected')),
      onCallInfoChanged: () => undefined,
      offCallInfoChanged: () => undefined,
    };
    ringing.on('ended', (callEndReason) => { this.emit('callEnded', { callEndReason }); });
  }

  get callerInfo(): CallerInfo {
    return who(this.ringing.incoming.caller, this.ringing.incoming.callerName);
  }

  get transferorInfo(): TransferorInfo | undefined {
    const { transferor, transferorName } = this.ringing.incoming;
    return transferor === null ? undefined : who(transferor, transferorName ?? '');
  }

  get customContext(): CustomContext | undefined {
    return this.context && structuredClone(this.context);
  }

  get callEndReason(): CallEndReason | undefined {
    return this.ringing.endReason;
  }

  async accept(options: AcceptCallOptions = {}): Promise<TCall> {
    this.settle('acceptFailed');
    return await this.host.accept(this.ringing, options);
  }

  async reject(): Promise<void> {
    this.settle('rejectFailed');
    try {
      await this.host.reject(this.ringing);
    } catch (error) {
      // It rings on, and may be answered or declined yet.
      this.settled = false;
      throw error;
    }
  }

  private settle(otherwise: 'acceptFailed' | 'rejectFailed'): void {
    if (this.settled || this.ringing.endReason) throw failure(otherwise);
    this.settled = true;
  }
}
