import { expect, it } from "vitest";
import { ThemeModel } from "./theme-choice";

function setUp(dark: boolean, kept?: string) {
  const storage = new Map<string, string>(kept === undefined ? [] : [["anteroom.theme", kept]]);
  let changed: () => void = () => undefined;
  const system = { matches: dark, addEventListener: (_: string, listener: () => void) => (changed = listener) };
  const model = new ThemeModel(
    { getItem: (key: string) => storage.get(key) ?? null, setItem: (key: string, value: string) => storage.set(key, value) } as unknown as Storage,
    system as unknown as MediaQueryList,
  );
  return {
    model,
    storage,
    systemTurns: (to: boolean) => {
      system.matches = to;
      changed();
    },
  };
}

it("follows the system until the person chooses", () => {
  const { model, systemTurns } = setUp(false);
  expect(model.shade.get()).toBe("light");
  systemTurns(true);
  expect(model.shade.get()).toBe("dark");
});

it("keeps a choice against the system, and follows it again when both agree", () => {
  const { model, storage, systemTurns } = setUp(true);
  model.toggle();
  expect([model.shade.get(), storage.get("anteroom.theme")]).toEqual(["light", "light"]);
  systemTurns(false);
  expect(model.shade.get()).toBe("light");
  systemTurns(true);
  model.toggle();
  expect([model.shade.get(), storage.get("anteroom.theme")]).toEqual(["dark", "system"]);
});
