/** Which people the gallery shows, and how large. Pure. */
import type { Person } from "./view";

export interface GridSize {
  columns: number;
  rows: number;
  /** Size of one tile in pixels. */
  width: number;
  height: number;
}

/** Widest and narrowest shape of a tile, to which a camera picture is cropped; upright only where the room is. */
const widest = 16 / 9;
const narrowest = (room: { width: number; height: number }) => (room.width < room.height ? 1 / 2 : 1);

/** The grid whose tiles cover the most of the given room. */
export function gridFor(room: { width: number; height: number }, count: number, gap: number): GridSize {
  let best: GridSize = { columns: 1, rows: Math.max(1, count), width: 0, height: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const rows = Math.ceil(Math.max(1, count) / columns);
    const cellWidth = (room.width - gap * (columns - 1)) / columns;
    const cellHeight = (room.height - gap * (rows - 1)) / rows;
    if (cellWidth <= 0 || cellHeight <= 0) {
      continue;
    }
    const shape = Math.min(widest, Math.max(narrowest(room), cellWidth / cellHeight));
    const width = Math.min(cellWidth, cellHeight * shape);
    const height = width / shape;
    if (width * height > best.width * best.height) {
      best = { columns, rows, width: Math.floor(width), height: Math.floor(height) };
    }
  }
  return best;
}

/**
 * Those who get a tile. People keep their place; somebody who speaks or raises a hand beyond the limit takes the place of
 * the last one who does neither. The others are counted.
 */
export function visibleIn(people: readonly Person[], dominant: readonly string[], limit: number): { shown: Person[]; hidden: number } {
  if (people.length <= limit) {
    return { shown: [...people], hidden: 0 };
  }
  const shown = people.slice(0, limit);
  const active = (person: Person) => person.speaking || person.hand !== undefined || dominant.slice(0, 3).includes(person.id);
  for (const candidate of people.slice(limit).filter(active)) {
    const quiet = shown.filter((person) => !active(person)).at(-1);
    if (quiet === undefined) {
      break;
    }
    shown[shown.indexOf(quiet)] = candidate;
  }
  return { shown, hidden: people.length - shown.length };
}

/** Those in the spotlight, first place first, and everybody else in their order. */
export function bySpotlight<T extends { spotlight: number | undefined }>(people: readonly T[]): { lit: T[]; others: T[] } {
  const lit = people.filter(({ spotlight }) => spotlight !== undefined).sort((a, b) => (a.spotlight ?? 0) - (b.spotlight ?? 0));
  return { lit, others: people.filter(({ spotlight }) => spotlight === undefined) };
}

/** The screen to show large: the one shared last wins over earlier ones. */
export function sharedScreen(people: readonly Person[]): Person | undefined {
  return people.filter((person) => person.screen !== undefined).at(-1);
}
