import { describe, expect, it } from "vitest";
import { ApiError } from "../api/http";
import type { AdminSettings, SettingsApi } from "../api/settings";
import { AdminModel } from "./admin-model";

const settings: AdminSettings = { tenant: { disableAnonymousJoin: false }, policy: { guestRaisedHand: false, lobbyTimeoutS: 1800 } };

function setUp(api: Partial<SettingsApi>) {
  return new AdminModel({ load: () => Promise.resolve(settings), save: () => Promise.resolve(settings), ...api });
}

describe("a change", () => {
  it("sends only what changed and shows what the server then has", async () => {
    const sent: unknown[] = [];
    const model = setUp({
      save: (changes) => {
        sent.push(changes);
        return Promise.resolve({ ...settings, tenant: { disableAnonymousJoin: true } });
      },
    });
    await model.load();
    await model.change("tenant", "disableAnonymousJoin", true);
    expect(sent).toEqual([{ tenant: { disableAnonymousJoin: true } }]);
    expect(model.state.get()).toMatchObject({ settings: { tenant: { disableAnonymousJoin: true } }, saving: undefined });
  });

  it("is shown at once and taken back with the reason when it is refused", async () => {
    const model = setUp({ save: () => Promise.reject(new Error("Not allowed.")) });
    await model.load();
    const change = model.change("policy", "guestRaisedHand", true);
    expect(model.state.get()).toMatchObject({ settings: { policy: { guestRaisedHand: true } }, saving: "guestRaisedHand" });
    await change;
    expect(model.state.get()).toMatchObject({ settings: { policy: { guestRaisedHand: false } }, problem: "Not allowed." });
  });
});

describe("the page", () => {
  it("is closed to those who are no administrators, and says so when the server fails", async () => {
    const member = setUp({ load: () => Promise.reject(new ApiError("no", 403, "Forbidden")) });
    await member.load();
    expect(member.state.get()).toEqual({ kind: "refused" });
    const broken = setUp({ load: () => Promise.reject(new ApiError("The server had a problem.", 500, "")) });
    await broken.load();
    expect(broken.state.get()).toEqual({ kind: "failed", sentence: "The server had a problem." });
  });
});
