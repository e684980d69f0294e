import { afterEach, expect, it, vi } from "vitest";
import { forgetVisitor, visitorToken } from "./visitor";

afterEach(() => {
  vi.unstubAllGlobals();
});

function setUp(minutes: number) {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  } as unknown as Storage;
  let made = 0;
  vi.stubGlobal("fetch", () => {
    made += 1;
    return Promise.resolve(new Response(JSON.stringify({ token: `t${String(made)}`, expiresOn: new Date(minutes * 60_000).toISOString() })));
  });
  return { storage, kept };
}

it("is the same for the tab after a reload, so that nobody stands in the meeting twice", async () => {
  const { storage } = setUp(60);
  const first = await visitorToken(storage, () => 0);
  expect(await visitorToken(storage, () => 0)).toEqual(first);
});

it("is another one when the kept one is about to end, is forgotten or cannot be read", async () => {
  const { storage, kept } = setUp(60);
  await visitorToken(storage, () => 0);
  expect((await visitorToken(storage, () => 56 * 60_000)).token).toBe("t2");
  forgetVisitor(storage);
  expect((await visitorToken(storage, () => 0)).token).toBe("t3");
  kept.set("anteroom.visitor", "{rubbish");
  expect((await visitorToken(storage, () => 0)).token).toBe("t4");
});
