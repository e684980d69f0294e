// Reads frames of the server. A frame that cannot be read is a value, never an exception: the caller settles what it was about.
//
// Owns: the shapes' runtime checks. Unknown members are ignored, unknown types of frames and events are named `unknown`, a missing
// optional member becomes null. Names inside enumerations are not checked, so that a later server may add some.
// Tests: test/golden.test.ts.
import type { KnownOrUnknownEvent } from '../core/mirror';
import type { IncomingCall, Outcome, Refusal, Welcome } from './index';

/** A frame of the server. */
export type ReadFrame =
  | ({ readonly type: 'welcome' } & Welcome)
  | { readonly type: 'response'; readonly id: number; readonly outcome: Outcome }
  | { readonly type: 'event'; readonly call: string; readonly revision: number; readonly event: KnownOrUnknownEvent }
  | { readonly type: 'incoming'; readonly incoming: IncomingCall }
  | { readonly type: 'incomingEnded'; readonly id: string; readonly reason: Refusal }
  | { readonly type: 'pong' }
  | { readonly type: 'closing'; readonly refusal: Refusal }
  | { readonly type: 'unknown' }
  | { readonly type: 'malformed'; readonly detail: string; readonly request?: number; readonly call?: string; readonly event?: string };

type Json = Record<string, unknown>;
type Check = (value: unknown, at: string) => void;

class Mismatch extends Error {}

const text: Check = (value, at) => {
  if (typeof value !== 'string') throw new Mismatch(`${at} is not a text`);
};
const flag: Check = (value, at) => {
  if (typeof value !== 'boolean') throw new Mismatch(`${at} is not true or false`);
};
const count: Check = (value, at) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new Mismatch(`${at} is not a count`);
};

function list(check: Check): Check {
  return (value, at) => {
    if (!Array.isArray(value)) throw new Mismatch(`${at} is not a list`);
    value.forEach((item: unknown, index) => {
      check(item, `${at}[${String(index)}]`);
    });
  };
}

/** A member that older servers do not send; absent stays absent. */
function perhaps(check: Check): Check {
  return (value, at) => {
    if (value !== undefined) check(value, at);
  };
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shape(members: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check {
  return (value, at) => {
    if (!isJson(value)) throw new Mismatch(`${at} is not an object`);
    for (const [name, check] of Object.entries(members)) check(value[name], `${at}.${name}`);
    for (const [name, check] of Object.entries(optional)) {
      if (value[name] === undefined || value[name] === null) value[name] = null;
      else check(value[name], `${at}.${name}`);
    }
  };
}

const refusal = shape({ code: count, subCode: count, name: text, message: text, cause: text, fixableBy: text }, { policy: text });
const publication = shape({ id: count, kind: text, active: flag, width: count, height: count });
const access = shape({ audio: flag, video: flag });
const participant = shape(
  {
    id: text,
    session: text,
    displayName: text,
    kind: text,
    role: text,
    muted: flag,
    reconnecting: flag,
    publications: list(publication),
    access,
    presence: text,
  },
  { hand: count, spotlight: count },
);
const waiting = shape({ id: text, session: text, displayName: text, kind: text, since: text });
const capability = shape({ name: text, state: shape({ isPresent: flag, reason: text }) });
const own = shape(
  {
    id: text,
    session: text,
    displayName: text,
    role: text,
    muted: flag,
    mutedByOther: flag,
    capabilities: list(capability),
    recordingConsentRequired: flag,
    transcriptionConsentRequired: flag,
  },
  { captions: shape({ language: text }) },
);
const seat = shape({ participant: text, left: count, top: count, width: count, height: count });
const captions = shape({ available: flag, spokenLanguage: text, spokenLanguages: list(text), captionLanguages: list(text) });
const meeting = shape(
  {
    subject: text,
    threadId: text,
    serverCallId: text,
    kind: text,
    locked: flag,
    access,
    maxSpotlight: count,
    recordings: list(shape({ id: text, by: text })),
    transcribing: flag,
    captions,
    dominantSpeakers: list(text),
    dominantSince: perhaps(text),
  },
  { groupId: text, together: list(seat) },
);
const breakoutRoom = shape({ id: text, name: text, threadId: text, open: flag, autoMove: flag, invitees: list(text) });
const breakout = shape({ rooms: list(breakoutRoom), returnDisabled: flag }, { assigned: breakoutRoom, ends: text, mainThreadId: text });
const caption = shape(
  { participant: text, displayName: text, utterance: count, isFinal: flag, text, spokenLanguage: text, at: text },
  { captionText: text, captionLanguage: text },
);
const typed = shape({ participant: text, displayName: text, sequence: count, text, isFinal: flag, began: text, updated: text });
const contextOfCaller: Check = (value, at) => {
  if (!isJson(value)) throw new Mismatch(`${at} is not an object`);
  for (const [name, item] of Object.entries(value)) text(item, `${at}.${name}`);
};
const incoming = shape(
  { id: text, kind: text, caller: text, callerName: text, customContext: contextOfCaller },
  { transferor: text, transferorName: text },
);
const slot = shape({ mid: text, generation: count, withheld: perhaps(text) }, { publication: count, participant: text });
const iceServer = shape({ urls: list(text), lifetimeS: perhaps(count) }, { username: text, credential: text });
const snapshot = shape({
  meeting,
  own,
  participants: list(participant),
  lobby: list(waiting),
  slots: list(slot),
  breakout,
  iceServers: perhaps(list(iceServer)),
});

const EVENTS: Readonly<Record<string, Check>> = {
  waiting: shape({ notStarted: flag }),
  snapshot: shape({ snapshot }),
  participants: shape({ upserted: list(participant), left: list(shape({ id: text, removed: flag, reason: perhaps(refusal) })) }),
  lobby: shape({ added: list(waiting), removed: list(text) }),
  own: shape({ own }),
  meeting: shape({ meeting }),
  slots: shape({ bindings: list(slot) }),
  speaking: shape({ changes: list(shape({ id: text, speaking: flag })), dominant: list(text), dominantSince: perhaps(text) }),
  reaction: shape({ participant: text, reaction: text }),
  caption: shape({ caption }),
  typed: shape({ text: typed }),
  data: shape({ message: shape({ participant: text, channel: count, sequence: count, data: text }) }),
  breakout: shape({ breakout }),
  broadcast: shape({ participant: text, displayName: text, text }),
  diagnostics: shape({ participant: text, session: text, diagnostics: list(shape({ name: text, value: count, isFlag: flag })) }),
  transferAsked: shape({ transfer: text }),
  transfer: shape({ transfer: text, state: text }, { reason: refusal }),
  mediaLost: shape({}),
  ended: shape({ reason: refusal }),
};

const REPLIES: Readonly<Record<string, Check>> = {
  done: shape({}),
  joined: shape({ call: text, session: text, resumeTicket: text, waiting: flag }),
  media: shape({ sdp: text }),
  admitted: shape({ admitted: count, failed: count }),
  transfer: shape({ transfer: text }),
  iceServers: shape({ iceServers: list(iceServer) }),
  survey: shape({ id: text }),
};

const outcome: Check = (value, at) => {
  shape({ type: text })(value, at);
  const given = value as Json;
  if (given['type'] === 'refused') {
    refusal(given['refusal'], `${at}.refusal`);
    return;
  }
  if (given['type'] !== 'ok') throw new Mismatch(`${at}.type is unknown`);
  shape({ type: text })(given['reply'], `${at}.reply`);
  const check = REPLIES[(given['reply'] as Json)['type'] as string];
  if (!check) throw new Mismatch(`${at}.reply.type is unknown`);
  check(given['reply'], `${at}.reply`);
};

const FRAMES: Readonly<Record<string, Check>> = {
  welcome: shape(
    {
      protocol: count,
      id: text,
      kind: text,
      iceServers: list(iceServer),
      heartbeatMs: count,
      resumed: list(shape({ call: text, resumeTicket: text })),
      lost: list(shape({ call: text, refusal })),
    },
    { displayName: text },
  ),
  response: shape({ id: count, outcome }),
  incoming: shape({ incoming }),
  incomingEnded: shape({ id: text, reason: refusal }),
  pong: shape({}),
  closing: shape({ refusal }),
};

/** Reads one frame. */
export function decodeServerFrame(frame: string): ReadFrame {
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    return { type: 'malformed', detail: 'not JSON' };
  }
  if (!isJson(value)) return { type: 'malformed', detail: 'not an object' };
  try {
    return read(value);
  } catch (error) {
    const inner = value['event'];
    return {
      type: 'malformed',
      detail: error instanceof Error ? error.message : String(error),
      ...(typeof value['id'] === 'number' ? { request: value['id'] } : {}),
      ...(typeof value['call'] === 'string' ? { call: value['call'] } : {}),
      ...(isJson(inner) && typeof inner['type'] === 'string' ? { event: inner['type'] } : {}),
    };
  }
}

function read(value: Json): ReadFrame {
  text(value['type'], 'frame.type');
  const type = value['type'] as string;
  if (type === 'event') return readEvent(value);
  const check = FRAMES[type];
  if (!check) return { type: 'unknown' };
  check(value, type);
  return value as unknown as ReadFrame;
}

function readEvent(value: Json): ReadFrame {
  shape({ call: text, revision: count, event: shape({ type: text }) })(value, 'event');
  const event = value['event'] as Json;
  const check = EVENTS[event['type'] as string];
  if (!check) {
    return { type: 'event', call: value['call'] as string, revision: value['revision'] as number, event: { type: 'unknown' } };
  }
  check(event, event['type'] as string);
  return value as unknown as ReadFrame;
}
