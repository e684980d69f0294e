import { describe, expect, it } from "vitest";
import { capabilities, FakeCall, FakeParticipant, FakeStream, settle } from "../testing/fake-call";
import { CallModel } from "./call-model";

const own = { id: "8:orgid:6c4f0e5e-0000-4000-8000-000000000001", name: "Anna Berg" };
const maria = "8:acs:6c4f0e5e-0000-4000-8000-00000000000a_6c4f0e5e-0000-4000-8000-00000000000b";

function setUp() {
  const call = new FakeCall();
  const camera = { mediaStreamType: "Video" };
  const said: string[] = [];
  const model = new CallModel(call.asCall, own, { now: () => 1000, camera: () => Promise.resolve(camera as never), after: () => () => undefined });
  model.onAnnounce((sentence) => said.push(sentence));
  return { call, model, said, view: () => model.view.get() };
}

async function inside() {
  const made = setUp();
  made.call.to("Connected");
  await settle();
  made.said.length = 0;
  return made;
}

describe("the way in", () => {
  it("goes from connecting through the lobby into the meeting", async () => {
    const { call, view, said } = setUp();
    expect(view().phase).toBe("connecting");
    call.to("InLobby");
    await settle();
    expect(view().phase).toBe("lobby");
    call.to("Connected");
    await settle();
    expect(view()).toMatchObject({ phase: "connected", subject: "Follow-up", since: 1000 });
    expect(said).toEqual(["You are in the lobby. Somebody will let you in.", "You are in the meeting. Nobody else is here."]);
  });

  it("says while waiting whether the meeting has begun", async () => {
    const { call, view } = setUp();
    call.meeting.waitsForStart = true;
    call.to("InLobby");
    await settle();
    expect(view().waitsForStart).toBe(true);
  });

  it("shows nobody while waiting, and everybody once inside", async () => {
    const { call, view } = setUp();
    call.add(new FakeParticipant(maria, "Maria"));
    call.to("InLobby");
    await settle();
    expect(view().people).toEqual([]);
    call.to("Connected");
    await settle();
    expect(view().people.map(({ name }) => name)).toEqual(["Maria"]);
  });
});

describe("people", () => {
  it("follows who joins, speaks, raises a hand, shares and leaves", async () => {
    const { call, view, said } = await inside();
    const person = new FakeParticipant(maria, "Maria");
    call.add(person);
    await settle();
    person.isSpeaking = true;
    person.fire("isSpeakingChanged");
    call.raise(maria, 1);
    const screen = new FakeStream("ScreenSharing");
    person.videoStreams = [screen];
    person.fire("videoStreamsUpdated", { added: [screen], removed: [] });
    await settle();
    expect(view().people).toMatchObject([{ id: maria, kind: "guest", speaking: true, hand: 1, screen: { mediaStreamType: "ScreenSharing" } }]);
    screen.isAvailable = false;
    screen.fire("isAvailableChanged");
    await settle();
    expect(view().people[0]?.screen).toBeUndefined();
    call.drop(person);
    await settle();
    expect(said).toEqual(["Maria joined.", "Maria raised a hand.", "Maria is sharing a screen.", "Maria left."]);
    expect(person.count).toBe(0);
  });

  it("knows whose picture is held back, and no longer when it goes on or its camera is off", async () => {
    const { call, view } = await inside();
    const person = new FakeParticipant(maria, "Maria");
    const camera = new FakeStream("Video");
    person.videoStreams = [camera];
    call.add(person);
    await settle();
    const read = () => view().people.map(({ cameraPaused, screenPaused }) => [cameraPaused, screenPaused]);
    const paused = async (isPaused: boolean) => {
      camera.isPaused = isPaused;
      camera.fire("isPausedChanged");
      await settle();
      return read();
    };
    expect(read()).toEqual([[false, false]]);
    expect(await paused(true)).toEqual([[true, false]]);
    expect(await paused(false)).toEqual([[false, false]]);
    await paused(true);
    camera.isAvailable = false;
    camera.fire("isAvailableChanged");
    await settle();
    expect(read()).toEqual([[false, false]]);
  });

  it("lists those in the lobby apart, even when the SDK names them as participants", async () => {
    const { call, view, said } = await inside();
    const person = new FakeParticipant("8:teamsvisitor:abc", "Peter");
    person.state = "InLobby";
    call.add(person);
    call.wait(person);
    await settle();
    expect(view().people).toEqual([]);
    expect(view().lobby).toEqual([{ id: "8:teamsvisitor:abc", name: "Peter", kind: "guest" }]);
    expect(said).toEqual(["Peter is waiting in the lobby."]);
  });

  it("calls a directory account a member and a visitor of the join page a guest", async () => {
    const { call, view } = await inside();
    call.add(new FakeParticipant("8:orgid:6c4f0e5e-0000-4000-8000-000000000002", "Ben"), new FakeParticipant("8:teamsvisitor:abc", "Ben"));
    await settle();
    expect(view().people.map(({ kind }) => kind)).toEqual(["member", "guest"]);
  });
});

describe("somebody's lost connection", () => {
  it("is shown until it is back", async () => {
    const { call, view } = await inside();
    const person = new FakeParticipant(maria, "Maria");
    call.add(person);
    await settle();
    expect(view().people[0]?.reconnecting).toBe(false);
    person.isReconnecting = true;
    person.fire("isReconnectingChanged");
    await settle();
    expect(view().people[0]?.reconnecting).toBe(true);
    person.isReconnecting = false;
    person.fire("isReconnectingChanged");
    await settle();
    expect(view().people[0]?.reconnecting).toBe(false);
  });
});

describe("permissions", () => {
  it("asks the SDK for what is allowed", async () => {
    const { call, model } = await inside();
    await model.actions.toggleHand();
    await model.actions.admit("8:teamsvisitor:abc");
    await model.actions.removePerson(maria);
    await model.actions.toggleLock();
    await model.actions.endForAll();
    expect(call.requests).toEqual(["raiseHand", "admit 8:teamsvisitor:abc", `removeParticipant ${maria}`, "setLocked true", 'hangUp {"forEveryone":true}']);
    expect(model.notice.get()).toBeUndefined();
  });

  it("refuses what is not, with the reason, and asks nothing", async () => {
    const { call, model, view } = await inside();
    call.role = "Attendee";
    call.capabilities.capabilities = capabilities(["unmuteMic"], "UserPolicyRestricted");
    call.capabilities.fire("capabilitiesChanged");
    await settle();
    expect(view().permissions.admit.allowed).toBe(false);
    await model.actions.toggleHand();
    await model.actions.toggleLock();
    expect(call.requests).toEqual([]);
    expect(model.notice.get()).toMatchObject({ intent: "info", text: "Only people who run the meeting can do this." });
  });

  it("turns a refusal of the server into a notice and goes on", async () => {
    const { call, model } = await inside();
    call.failure = new Error("Your role does not let you lock the meeting.");
    await model.actions.toggleLock();
    expect(model.notice.get()).toMatchObject({ intent: "error", text: "Your role does not let you lock the meeting." });
    model.dismiss(model.notice.get()?.id ?? 0);
    expect(model.notice.get()).toBeUndefined();
  });
});

describe("own media", () => {
  it("turns the camera on with a fresh stream and off with the running one", async () => {
    const { call, model } = await inside();
    await model.actions.toggleCamera();
    call.localVideoStreams = [{ mediaStreamType: "Video" }];
    call.fire("localVideoStreamsUpdated", { added: [], removed: [] });
    await settle();
    await model.actions.toggleCamera();
    expect(call.requests.map((request) => request.split(" ")[0])).toEqual(["startVideo", "stopVideo"]);
  });

  it("says so when somebody else muted the person", async () => {
    const { call, model, said } = await inside();
    call.isMuted = true;
    call.fire("mutedByOthers");
    call.fire("isMutedChanged");
    await settle();
    expect(model.notice.get()?.text).toBe("Somebody who runs the meeting muted you.");
    expect(said).toEqual(["Somebody who runs the meeting muted you.", "Your microphone is off."]);
  });

  it("takes a closed chooser of the browser for no failure", async () => {
    const { call, model } = await inside();
    call.failure = new DOMException("denied", "NotAllowedError");
    await model.actions.toggleShare();
    expect(model.notice.get()).toBeUndefined();
  });

  it("shows that the connection is being brought back", async () => {
    const { call, view, said } = await inside();
    call.lose();
    await settle();
    expect(view().reconnecting).toBe(true);
    expect(said).toEqual(["The connection is lost. Reconnecting."]);
  });
});

describe("the end", () => {
  it("by the person's own decision for everybody is told as that, unless it was refused", async () => {
    const ended = await inside();
    await ended.model.actions.endForAll();
    ended.call.end({ code: 0, subCode: 0 });
    await settle();
    expect(ended.model.end.get()?.title).toBe("You ended the meeting for everybody");
    const left = await inside();
    left.call.failure = new Error("The server refused.");
    await left.model.actions.endForAll();
    left.call.end({ code: 0, subCode: 0 });
    await settle();
    expect(left.model.end.get()?.title).toBe("You left the meeting");
  });

  it("keeps nothing of those who came and went before it", async () => {
    const { call, model } = await inside();
    const { ends } = (model as unknown as { scope: { ends: unknown[] } }).scope;
    const before = ends.length;
    const others = Array.from({ length: 20 }, (_, at) => new FakeParticipant(`8:acs:r_${String(at)}`, "Somebody"));
    for (const other of others) {
      call.add(other);
      call.drop(other);
    }
    await settle();
    expect(ends).toHaveLength(before);
    expect(others.map((other) => other.count)).toEqual(others.map(() => 0));
  });

  it("is told once, and nothing is subscribed afterwards", async () => {
    const { call, model, said } = await inside();
    const person = new FakeParticipant(maria, "Maria");
    call.add(person);
    await settle();
    said.length = 0;
    call.end({ code: 0, subCode: 5300, message: "You were removed from the meeting.", fixableBy: "organizer" });
    await settle();
    expect(model.end.get()).toMatchObject({ title: "You were removed from the meeting", canRejoin: false });
    expect(said).toHaveLength(1);
    expect(call.listening + person.count).toBe(0);
  });
});
