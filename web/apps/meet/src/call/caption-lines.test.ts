import { expect, it } from "vitest";
import { Clock } from "../testing/clock";
import { CaptionLines } from "./caption-lines";

function setUp() {
  const clock = new Clock();
  const lines = new CaptionLines(clock.after);
  const hear = (name: string, text: string, final: boolean) => {
    lines.take({ id: name.toLowerCase(), name, text, final });
  };
  return { clock, lines, hear, texts: () => lines.lines.get().map(({ name, text, final }) => `${name}: ${text}${final ? "" : " …"}`) };
}

it("replaces what is partial by the next of the same speaker, in its place", () => {
  const { hear, texts } = setUp();
  hear("Maria", "go", false);
  hear("Ben", "yes", false);
  hear("Maria", "go forward", false);
  expect(texts()).toEqual(["Maria: go forward …", "Ben: yes …"]);
  hear("Maria", "go forward ten meters", true);
  hear("Maria", "and", false);
  expect(texts()).toEqual(["Maria: go forward ten meters", "Ben: yes …", "Maria: and …"]);
});

it("keeps the last three lines, and none when nobody has spoken for a while", () => {
  const { clock, hear, texts } = setUp();
  for (const text of ["one", "two", "three", "four"]) {
    hear("Maria", text, true);
  }
  expect(texts()).toEqual(["Maria: two", "Maria: three", "Maria: four"]);
  clock.pass(11_999);
  expect(texts()).toHaveLength(3);
  clock.pass(1);
  expect(texts()).toEqual([]);
});
