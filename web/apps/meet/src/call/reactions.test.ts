import { describe, expect, it } from "vitest";
import { Clock } from "../testing/clock";
import { Reactions } from "./reactions";

function setUp() {
  const clock = new Clock();
  const said: string[] = [];
  const reactions = new Reactions(clock.after, (sentence) => said.push(sentence));
  return { clock, said, reactions, kinds: () => [...reactions.shown.get()].map(([id, { kind }]) => `${id} ${kind}`) };
}

describe("a reaction", () => {
  it("floats for four seconds, and a newer one of the same person takes its place", () => {
    const { clock, reactions, kinds } = setUp();
    reactions.take("maria", "like", "Maria");
    clock.pass(3000);
    reactions.take("maria", "heart", "Maria");
    clock.pass(3999);
    expect(kinds()).toEqual(["maria heart"]);
    clock.pass(1);
    expect(kinds()).toEqual([]);
  });

  it("is told once with its name, and a crowd that follows as a count", () => {
    const { clock, reactions, said } = setUp();
    reactions.take("maria", "applause", "Maria");
    reactions.take("ben", "applause", "Ben");
    reactions.take("clara", "applause", "Clara");
    expect(said).toEqual(["Maria reacted: Applause."]);
    clock.pass(6000);
    expect(said).toEqual(["Maria reacted: Applause.", "2 more reactions."]);
    clock.pass(6000);
    reactions.take("ben", "heart", "Ben");
    expect(said.at(-1)).toBe("Ben reacted: Heart.");
  });

  it("of the own person floats and is not told", () => {
    const { reactions, said, kinds } = setUp();
    reactions.take("own", "laugh", undefined);
    expect(kinds()).toEqual(["own laugh"]);
    expect(said).toEqual([]);
  });

  it("leaves nothing behind when the call ends", () => {
    const { clock, reactions, kinds } = setUp();
    reactions.take("maria", "like", "Maria");
    reactions.end();
    expect(kinds()).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
