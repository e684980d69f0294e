// The other calls of the same agent, as a feature of one call may begin them. The agent implements it (public/agent.ts).
import type { Call, TeamsCall } from '../public/types/call';
import type { Locator } from '../wire';

/** How a sibling begins. */
export interface SiblingOptions {
  /** Whether it begins muted. */
  readonly muted: boolean;
}

/** Calls of one agent, seen from one of them. */
export interface Siblings {
  /** The call itself as applications hold it; nothing once it is over. */
  own(): Call | TeamsCall | undefined;
  /** Name on the wire of a live call with this public id. */
  wireName(callId: string): string | undefined;
  /**
   * Begins another call, with the same microphone. It is announced one microtask later, like every call. The locator is asked for again whenever the call has to be
   * joined anew, since it may name something that changed meanwhile.
   */
  open(locator: () => Locator, options: SiblingOptions): Call | TeamsCall;
}
