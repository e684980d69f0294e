import { expect, it } from "vitest";
import { actionOf, shortcutLabel } from "./shortcuts";

const press = (key: string, more = {}) => actionOf({ key, ctrlKey: true, metaKey: false, shiftKey: true, altKey: false, repeat: false, ...more });

it("knows its keys whatever case the browser reports", () => {
  expect(press("M")).toBe("mic");
  expect(press("m")).toBe("mic");
  expect(press("m", { ctrlKey: false, metaKey: true })).toBe("mic");
});

it("leaves all other presses alone", () => {
  expect(press("q")).toBeUndefined();
  expect(press("m", { shiftKey: false })).toBeUndefined();
  expect(press("m", { altKey: true })).toBeUndefined();
  expect(press("m", { repeat: true })).toBeUndefined();
});

it("writes the shortcut as the system does", () => {
  expect(shortcutLabel("hand", false)).toBe("Ctrl+Shift+K");
  expect(shortcutLabel("hand", true)).toBe("⌘⇧K");
});
