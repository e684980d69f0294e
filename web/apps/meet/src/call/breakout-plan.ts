/** The draft of breakout rooms while somebody plans them. Pure; the server checks it again. */

/** Most rooms of a plan; the server's bound is the same. */
export const mostRooms = 50;
export const longestName = 128;
/** The longest time of a timer, in minutes: a day. */
export const longestMinutes = 24 * 60;

export interface Draft {
  names: readonly string[];
  /** Room of each person by raw id, as an index of `names`; who is missing stays in the main meeting. */
  rooms: ReadonlyMap<string, number>;
  /** People are moved by themselves when the rooms open. */
  autoMove: boolean;
  /** Minutes until the rooms close by themselves, as typed; empty: until somebody closes them. */
  minutes: string;
}

export function firstDraft(ids: readonly string[]): Draft {
  return shuffled({ names: roomNames([], 2), rooms: new Map(), autoMove: true, minutes: "" }, ids);
}

/** Another number of rooms; names that were given stay, people of rooms that are gone stay in the main meeting. */
export function withCount(draft: Draft, count: number): Draft {
  const names = roomNames(draft.names, Math.min(mostRooms, Math.max(1, Math.floor(count))));
  return { ...draft, names, rooms: new Map([...draft.rooms].filter(([, room]) => room < names.length)) };
}

export function withName(draft: Draft, room: number, name: string): Draft {
  return { ...draft, names: draft.names.map((old, index) => (index === room ? name : old)) };
}

/** Somebody into a room, or into none. */
export function withPerson(draft: Draft, id: string, room: number | undefined): Draft {
  const rooms = new Map(draft.rooms);
  if (room === undefined) {
    rooms.delete(id);
  } else {
    rooms.set(id, room);
  }
  return { ...draft, rooms };
}

/** Everybody into rooms of the same size, one after the other. */
export function shuffled(draft: Draft, ids: readonly string[]): Draft {
  return { ...draft, rooms: new Map(ids.map((id, index) => [id, index % draft.names.length])) };
}

/** What is wrong with the draft, in a sentence. */
export function problemOf({ names, minutes }: Draft): string | undefined {
  if (names.some((name) => name.trim() === "" || name.trim().length > longestName)) {
    return "Every room needs a name of at most 128 characters.";
  }
  if (minutes.trim() !== "" && secondsOf(minutes) === undefined) {
    return `The time is a whole number of minutes, from 1 to ${String(longestMinutes)}.`;
  }
  return undefined;
}

export interface PlannedRooms {
  rooms: { name: string; ids: string[] }[];
  autoMove: boolean;
  seconds: number | undefined;
}

/** The draft as it is sent. People who left meanwhile are left out. */
export function planOf(draft: Draft, present: readonly string[]): PlannedRooms {
  return {
    rooms: draft.names.map((name, room) => ({ name: name.trim(), ids: present.filter((id) => draft.rooms.get(id) === room) })),
    autoMove: draft.autoMove,
    seconds: secondsOf(draft.minutes),
  };
}

function secondsOf(minutes: string): number | undefined {
  const typed = minutes.trim();
  const value = /^\d{1,4}$/.test(typed) ? Number(typed) : Number.NaN;
  return value >= 1 && value <= longestMinutes ? value * 60 : undefined;
}

function roomNames(given: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, index) => given[index] ?? `Room ${String(index + 1)}`);
}
