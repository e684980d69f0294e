// What the address of the page asks for. It stands in the fragment, so that tokens reach no server.
import type { CallAdapterLocator } from '@azure/communication-react';

export type Composite = 'call' | 'callWithChat' | 'teams';

export interface Wish {
  readonly composite: Composite;
  readonly token: string;
  /** Raw id of the person. */
  readonly userId: string;
  readonly displayName: string;
  readonly locator: CallAdapterLocator;
  /** Address of the communication API, for chat. */
  readonly endpoint: string;
  /** The thread of a group call with chat. */
  readonly threadId: string | undefined;
  readonly dark: boolean;
  readonly mobile: boolean;
  /** Mounted in React's strict mode, the adapter made by the library's own hook or in an effect of the page. */
  readonly strict: 'hook' | 'effect' | undefined;
}

export function wishOf(fragment: string): Wish {
  const given = new URLSearchParams(fragment.replace(/^#/, ''));
  const need = (name: string): string => {
    const value = given.get(name);
    if (value === null) throw new Error(`the address names no ${name}`);
    return value;
  };
  return {
    composite: (given.get('composite') ?? 'call') as Composite,
    token: need('token'),
    userId: need('userId'),
    displayName: given.get('displayName') ?? '',
    locator: locatorOf(given),
    endpoint: given.get('endpoint') ?? '',
    threadId: given.get('threadId') ?? undefined,
    dark: given.get('theme') === 'dark',
    mobile: given.get('form') === 'mobile',
    strict: (given.get('strict') ?? undefined) as Wish['strict'],
  };
}

function locatorOf(given: URLSearchParams): CallAdapterLocator {
  const link = given.get('meetingLink');
  if (link !== null) return { meetingLink: link };
  const meetingId = given.get('meetingId');
  if (meetingId !== null) return { meetingId, passcode: given.get('passcode') ?? '' };
  const roomId = given.get('roomId');
  if (roomId !== null) return { roomId };
  const groupId = given.get('groupId');
  if (groupId !== null) return { groupId };
  throw new Error('the address names nothing to join');
}
