import { describe, expect, it } from "vitest";
import type { CallsApi, CallSummary, Part, SessionQuality } from "../api/calls";
import { ApiError } from "../api/http";
import { CallModel, CallsModel } from "./calls-model";

const call = (id: string) => ({ id }) as CallSummary;
const session = (id: string) => ({ session: id }) as SessionQuality;
const part = <T>(items: T[], next?: string): Part<T> => ({ items, next });

function api(change: Partial<CallsApi>): CallsApi {
  return {
    calls: () => Promise.resolve(part([call("a")])),
    call: (id) => Promise.resolve(call(id)),
    sessions: () => Promise.resolve(part([session("1")])),
    ...change,
  };
}

describe("the list of calls", () => {
  it("grows part by part, and shows nothing twice", async () => {
    const marks: (string | undefined)[] = [];
    const model = new CallsModel(
      api({
        calls: (mark) => {
          marks.push(mark);
          return Promise.resolve(mark === undefined ? part([call("b"), call("a")], "m") : part([call("a"), call("z")]));
        },
      }),
    );
    await model.load();
    await model.more();
    await model.more();
    expect(marks).toEqual([undefined, "m"]);
    expect(model.state.get()).toMatchObject({ calls: [{ id: "b" }, { id: "a" }, { id: "z" }], next: undefined, busy: false });
  });

  it("keeps what it has when the next part does not come", async () => {
    const model = new CallsModel(api({ calls: (mark) => (mark === undefined ? Promise.resolve(part([call("a")], "m")) : Promise.reject(new Error("No."))) }));
    await model.load();
    await model.more();
    expect(model.state.get()).toMatchObject({ calls: [{ id: "a" }], next: "m", busy: false, problem: "No." });
  });

  it("is closed to those who are no administrators, and says so when the server fails", async () => {
    const of = async (error: Error) => {
      const model = new CallsModel(api({ calls: () => Promise.reject(error) }));
      await model.load();
      return model.state.get();
    };
    expect(await of(new ApiError("no", 403, "forbidden"))).toEqual({ kind: "refused" });
    expect(await of(new ApiError("The server had a problem.", 500, ""))).toEqual({ kind: "failed", sentence: "The server had a problem." });
  });
});

describe("one call", () => {
  it("is shown with its sessions, which grow part by part", async () => {
    const model = new CallModel(
      api({ sessions: (_, mark) => Promise.resolve(mark === undefined ? part([session("1")], "m") : part([session("2")])) }),
      "c",
    );
    await model.load();
    expect(model.state.get()).toMatchObject({ kind: "ready", call: { id: "c" }, sessions: [{ session: "1" }], next: "m" });
    await model.more();
    expect(model.state.get()).toMatchObject({ sessions: [{ session: "1" }, { session: "2" }], next: undefined });
  });

  it("that nobody knows is said to be unknown", async () => {
    const model = new CallModel(api({ call: () => Promise.reject(new ApiError("no", 404, "notFound")) }), "c");
    await model.load();
    expect(model.state.get()).toEqual({ kind: "unknown" });
  });
});
