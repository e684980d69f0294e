// Which call states may follow which. Pure; tests: test/pure.test.ts ("call states").
import type { CallState } from '../public/types/common';

const LIVE: readonly CallState[] = ['Disconnecting', 'Disconnected'];

const NEXT: Readonly<Record<CallState, readonly CallState[]>> = {
  None: ['Connecting', ...LIVE],
  Connecting: ['Ringing', 'EarlyMedia', 'InLobby', 'Connected', ...LIVE],
  Ringing: ['EarlyMedia', 'Connected', ...LIVE],
  EarlyMedia: ['Connected', ...LIVE],
  InLobby: ['Connected', ...LIVE],
  // Back to the lobby only when the server lost the meeting (a crash) and it began anew.
  Connected: ['LocalHold', 'RemoteHold', 'InLobby', ...LIVE],
  LocalHold: ['Connected', 'RemoteHold', 'InLobby', ...LIVE],
  RemoteHold: ['Connected', 'LocalHold', 'InLobby', ...LIVE],
  Disconnecting: ['Disconnected'],
  Disconnected: [],
};

/** Whether a call in state `from` may go to state `to`. */
export function mayFollow(from: CallState, to: CallState): boolean {
  return NEXT[from].includes(to);
}

/** Whether nothing follows any more. */
export function isOver(state: CallState): boolean {
  return state === 'Disconnecting' || state === 'Disconnected';
}

/** Whether the person is in the meeting. */
export function isIn(state: CallState): boolean {
  return state === 'Connected' || state === 'LocalHold' || state === 'RemoteHold';
}
