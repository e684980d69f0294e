import { expect, it } from "vitest";
import { firstDraft, planOf, problemOf, shuffled, withCount, withName, withPerson } from "./breakout-plan";

const people = ["a", "b", "c", "d", "e"];

it("begins with two rooms of the same size", () => {
  expect(planOf(firstDraft(people), people)).toEqual({
    rooms: [
      { name: "Room 1", ids: ["a", "c", "e"] },
      { name: "Room 2", ids: ["b", "d"] },
    ],
    autoMove: true,
    seconds: undefined,
  });
});

it("keeps names when the number changes, and lets people of rooms that are gone stay in the meeting", () => {
  const draft = withCount(withName(withCount(firstDraft(people), 3), 0, "Blue"), 1);
  expect(draft.names).toEqual(["Blue"]);
  expect(planOf(draft, people).rooms).toEqual([{ name: "Blue", ids: ["a", "c", "e"] }]);
  expect(planOf(shuffled(withCount(draft, 2), people), people).rooms.map(({ name, ids }) => `${name} ${ids.join("")}`)).toEqual(["Blue ace", "Room 2 bd"]);
});

it("puts people where somebody wants them, and leaves out who left", () => {
  const draft = withPerson(withPerson(firstDraft(people), "a", 1), "b", undefined);
  expect(planOf(draft, ["a", "b", "c"]).rooms.map(({ ids }) => ids)).toEqual([["c"], ["a"]]);
});

it("says what is wrong, and nothing when nothing is", () => {
  const draft = firstDraft(people);
  expect(problemOf(draft)).toBeUndefined();
  expect(problemOf(withName(draft, 0, "  "))).toContain("needs a name");
  for (const minutes of ["0", "1.5", "ten", "1441", "-1"]) {
    expect(problemOf({ ...draft, minutes })).toContain("whole number of minutes");
  }
  expect(problemOf({ ...draft, minutes: " 10 " })).toBeUndefined();
  expect(planOf({ ...draft, minutes: " 10 " }, people).seconds).toBe(600);
});

it("never makes less than one room or more than the server takes", () => {
  expect(withCount(firstDraft(people), 0).names).toHaveLength(1);
  expect(withCount(firstDraft(people), 99).names).toHaveLength(50);
});
