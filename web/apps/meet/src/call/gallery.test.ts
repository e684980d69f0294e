import { describe, expect, it } from "vitest";
import { bySpotlight, gridFor, sharedScreen, visibleIn } from "./gallery";
import type { Person } from "./view";

function person(id: string, more: Partial<Person> = {}): Person {
  return { id, name: id, kind: "guest", role: "attendee", muted: false, speaking: false, hand: undefined, spotlight: undefined, access: { microphone: true, camera: true }, reconnecting: false, away: false, camera: undefined, screen: undefined, cameraPaused: false, screenPaused: false, ...more };
}

describe("the grid", () => {
  it("stays within the room for every count and shape of window", () => {
    for (const room of [{ width: 1280, height: 600 }, { width: 360, height: 560 }, { width: 200, height: 900 }]) {
      for (let count = 1; count <= 12; count += 1) {
        const grid = gridFor(room, count, 8);
        expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(count);
        expect(grid.columns * grid.width + (grid.columns - 1) * 8).toBeLessThanOrEqual(room.width);
        expect(grid.rows * grid.height + (grid.rows - 1) * 8).toBeLessThanOrEqual(room.height);
        expect(grid.width / grid.height).toBeLessThan(1.8);
        expect(grid.width / grid.height).toBeGreaterThan(room.width < room.height ? 0.49 : 0.99);
      }
    }
  });

  it("puts two people beside each other on a desktop and below each other on a phone", () => {
    expect(gridFor({ width: 1200, height: 600 }, 2, 8).columns).toBe(2);
    expect(gridFor({ width: 360, height: 640 }, 2, 8).columns).toBe(1);
  });
});

describe("who is shown", () => {
  const crowd = ["a", "b", "c", "d"].map((id) => person(id));

  it("is everybody while they fit", () => {
    expect(visibleIn(crowd, [], 4)).toEqual({ shown: crowd, hidden: 0 });
  });

  it("keeps places, and gives the last quiet one to somebody who speaks beyond the limit", () => {
    const people = [...crowd, person("e", { speaking: true })];
    const { shown, hidden } = visibleIn(people, [], 3);
    expect(shown.map(({ id }) => id)).toEqual(["a", "b", "e"]);
    expect(hidden).toBe(2);
  });

  it("does not push out somebody with a raised hand", () => {
    const people = [person("a"), person("b", { hand: 1 }), person("c", { speaking: true })];
    expect(visibleIn(people, [], 2).shown.map(({ id }) => id)).toEqual(["c", "b"]);
  });

  it("shows the screen that came last, and none when nobody shares", () => {
    const screen = {} as NonNullable<Person["screen"]>;
    expect(sharedScreen([person("a", { screen }), person("b", { screen })])?.id).toBe("b");
    expect(sharedScreen(crowd)).toBeUndefined();
  });
});

describe("the spotlight", () => {
  it("comes first in the order of its places, and the others keep theirs", () => {
    const { lit, others } = bySpotlight([person("a"), person("b", { spotlight: 2 }), person("c"), person("d", { spotlight: 1 })]);
    expect(lit.map(({ id }) => id)).toEqual(["d", "b"]);
    expect(others.map(({ id }) => id)).toEqual(["a", "c"]);
  });
});
