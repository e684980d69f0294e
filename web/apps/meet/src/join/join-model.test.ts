import type { LocalVideoStream } from "@anteroom/calling";
import { describe, expect, it } from "vitest";
import { FakeCall, settle } from "../testing/fake-call";
import type { DevicesModel } from "./devices-model";
import { identityOf } from "./identity";
import { JoinModel, type Entrance, type JoinAs, type JoinServices } from "./join-model";
import { meetingIdOf } from "./meeting-id";

const camera = { mediaStreamType: "Video" } as unknown as LocalVideoStream;

function setUp(failure?: Error) {
  const call = new FakeCall();
  const log: string[] = [];
  let joined: unknown;
  const devices = {
    start: () => {
      log.push("devices start");
      return Promise.resolve();
    },
    handOver: () => ({ video: camera, muted: true }),
    end: () => log.push("devices end"),
    newVideo: () => Promise.resolve(undefined),
  } as unknown as DevicesModel;
  const services: JoinServices = {
    devices: () => Promise.resolve(devices),
    now: () => 0,
    after: () => () => undefined,
    forgetToken: () => log.push("forget token"),
    enter: (as: JoinAs): Promise<Entrance> => {
      log.push(`enter ${as.kind}`);
      if (failure !== undefined) {
        return Promise.reject(failure);
      }
      return Promise.resolve({
        own: { id: "8:teamsvisitor:a", name: "Maria" },
        chat: {
          page: (threadId) => {
            log.push(`chat ${threadId}`);
            return Promise.resolve({ entries: [], next: undefined });
          },
          send: () => Promise.resolve(),
          writing: () => Promise.resolve({ allowed: true }),
        },
        join: (locator, options) => {
          joined = { locator, options };
          return call.asCall;
        },
        dispose: () => {
          log.push("dispose");
          return Promise.resolve();
        },
      });
    },
  };
  return { call, log, model: new JoinModel(services, devices), joined: () => joined };
}

const link = { meetingLink: "https://meet.example/meet/1" };

describe("joining", () => {
  it("hands camera and microphone over as they were set", async () => {
    const { model, joined } = setUp();
    await model.join(link, { kind: "visitor", name: "Maria" });
    expect(model.state.get().kind).toBe("call");
    expect(joined()).toEqual({ locator: link, options: { videoOptions: { localVideoStreams: [camera] }, audioOptions: { muted: true } } });
  });

  it("happens once, however often the button is pressed", async () => {
    const { model, log } = setUp();
    await Promise.all([model.join(link, { kind: "member" }), model.join(link, { kind: "member" })]);
    expect(log).toEqual(["enter member"]);
  });

  it("comes back to the set-up with a sentence when it fails", async () => {
    const { model, log } = setUp(new Error("The server cannot be reached."));
    await model.join(link, { kind: "member" });
    expect(model.state.get()).toEqual({ kind: "setup", problem: "The server cannot be reached." });
    expect(log).toContain("devices start");
  });
});

describe("the chat", () => {
  it("is asked for when the person is in, not while they wait", async () => {
    const { call, model, log } = setUp();
    await model.join(link, { kind: "visitor", name: "Maria" });
    call.to("InLobby");
    await settle();
    expect(log).not.toContain("chat 19:meeting_x@thread.v2");
    call.to("Connected");
    await settle();
    expect(log).toContain("chat 19:meeting_x@thread.v2");
  });
});

describe("after the call", () => {
  it("says how it ended, lets the agent go, and joins again on request", async () => {
    const { call, model, log } = setUp();
    await model.join(link, { kind: "member" });
    call.end({ code: 0, subCode: 4097 });
    await settle();
    expect(model.state.get()).toMatchObject({ kind: "ended", end: { title: "The meeting has ended" } });
    expect(log).toEqual(["enter member", "dispose"]);
    model.again();
    expect(model.state.get()).toEqual({ kind: "setup", problem: "" });
  });

  it("forgets a token that was not accepted, and keeps one that was", async () => {
    const refused = setUp();
    await refused.model.join(link, { kind: "visitor", name: "Maria" });
    refused.call.end({ code: 401, subCode: 10009, message: "Your access was withdrawn." });
    await settle();
    expect(refused.log).toContain("forget token");
    const denied = setUp();
    await denied.model.join(link, { kind: "visitor", name: "Maria" });
    denied.call.end({ code: 403, subCode: 5854 });
    await settle();
    expect(denied.log).not.toContain("forget token");
  });

  it("hangs up and closes everything when the page is left", async () => {
    const { call, model, log } = setUp();
    await model.join(link, { kind: "member" });
    model.leavePage();
    await settle();
    expect(call.requests).toEqual(["hangUp"]);
    expect(log).toEqual(["enter member", "dispose", "devices end"]);
  });
});

describe("what is given by hand", () => {
  it("is a meeting ID with or without spaces", () => {
    expect(meetingIdOf({ meetingId: "284 691-7351", passcode: " k7 " })).toEqual({ meetingId: "2846917351", passcode: "k7" });
    expect(meetingIdOf({ meetingId: "12ab34" })).toBeUndefined();
    expect(meetingIdOf(null)).toBeUndefined();
  });

  it("is an identity only when the token names one", () => {
    const token = (claims: object) => `x.${btoa(JSON.stringify(claims)).replace(/=+$/, "")}.y`;
    expect(identityOf(token({ skypeid: "teamsvisitor:abc" }))).toBe("8:teamsvisitor:abc");
    expect(identityOf(token({}))).toBeUndefined();
    expect(identityOf("rubbish")).toBeUndefined();
  });
});
