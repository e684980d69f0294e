/** The meeting's features in the call's view model: what is shown, offered, asked and told. */
import { createIdentifierFromRawId, getIdentifierKind } from "@azure/communication-common";
import { describe, expect, it } from "vitest";
import { Clock } from "../testing/clock";
import { capabilities, FakeCall, FakeParticipant, settle } from "../testing/fake-call";
import { CallModel } from "./call-model";

const own = { id: "8:orgid:6c4f0e5e-0000-4000-8000-000000000001", name: "Anna Berg" };
const maria = "8:acs:6c4f0e5e-0000-4000-8000-00000000000a_6c4f0e5e-0000-4000-8000-00000000000b";
const named = (id: string) => getIdentifierKind(createIdentifierFromRawId(id));

async function inside(who = own) {
  const clock = new Clock();
  const call = new FakeCall();
  const said: string[] = [];
  const model = new CallModel(call.asCall, who, { now: clock.now, camera: () => Promise.resolve(undefined), after: clock.after });
  model.onAnnounce((sentence) => said.push(sentence));
  call.to("Connected");
  call.add(new FakeParticipant(maria, "Maria"));
  await settle();
  said.length = 0;
  return { clock, call, model, said, view: () => model.view.get(), features: model.actions.features };
}

describe("reactions", () => {
  it("are sent, float on the sender's tile and are told", async () => {
    const { call, model, said, features } = await inside();
    await features.react("applause");
    expect(call.requests).toEqual(['react {"reactionType":"applause"}']);
    call.reactions.fire("reaction", { identifier: maria, reactionMessage: { reactionType: "heart" } });
    call.reactions.fire("reaction", { identifier: own.id, reactionMessage: { reactionType: "applause" } });
    expect([...model.reactions.shown.get()].map(([id, { kind }]) => [id, kind])).toEqual([
      [maria, "heart"],
      [own.id, "applause"],
    ]);
    expect(said).toEqual(["Maria reacted: Heart."]);
  });

  it("are not offered and not sent where the capability is absent", async () => {
    const { call, view, features } = await inside();
    call.capabilities.capabilities = capabilities(["unmuteMic"]);
    call.capabilities.fire("capabilitiesChanged");
    await settle();
    expect(view().permissions.react.allowed).toBe(false);
    await features.react("like");
    expect(call.requests).toEqual([]);
  });
});

describe("the spotlight", () => {
  it("shows places and changes them", async () => {
    const { call, view, features } = await inside();
    await features.spotlight(maria);
    call.spotlight.list = [{ identifier: named(maria), order: 1 }];
    call.spotlight.fire("spotlightChanged");
    await settle();
    expect(view().people[0]?.spotlight).toBe(1);
    await features.endSpotlight(maria);
    expect(call.requests).toEqual([`startSpotlight ${maria}`, `stopSpotlight ${maria}`]);
  });

  it("tells the own person of it", async () => {
    const { call, view, said } = await inside();
    call.spotlight.list = [{ identifier: named(own.id), order: 1 }];
    call.spotlight.fire("spotlightChanged");
    await settle();
    expect(view().own.spotlight).toBe(1);
    expect(said).toEqual(["You are in the spotlight: everybody sees you large."]);
  });
});

describe("access to media", () => {
  it("is read and set for one attendee and for all", async () => {
    const { call, view, features } = await inside();
    call.access.others = [{ participant: named(maria), isAudioPermitted: false, isVideoPermitted: true }];
    call.access.meeting = { isAudioPermitted: true, isVideoPermitted: false };
    call.access.fire("mediaAccessChanged");
    await settle();
    expect(view().people[0]?.access).toEqual({ microphone: false, camera: true });
    expect(view().attendees).toEqual({ microphone: true, camera: false });
    await features.setAccess("microphone", maria, true);
    await features.setAccess("camera", maria, false);
    await features.setAttendees("microphone", false);
    await features.setAttendees("camera", true);
    expect(call.requests).toEqual([`permitAudio ${maria}`, `forbidVideo ${maria}`, "forbidOthersAudio", "permitOthersVideo"]);
  });
});

describe("captions", () => {
  const caption = (text: string, resultType: "Partial" | "Final") => ({ speaker: { identifier: named(maria), displayName: "Maria" }, captionText: text, resultType });

  it("are switched, shown, and gone when they are off", async () => {
    const { call, model, view, said, features } = await inside();
    await features.toggleCaptions();
    call.captionsOfCall.isCaptionsFeatureActive = true;
    call.captionsOfCall.fire("CaptionsActiveChanged");
    await settle();
    call.captionsOfCall.fire("CaptionsReceived", caption("go", "Partial"));
    call.captionsOfCall.fire("CaptionsReceived", caption("go forward", "Final"));
    expect(model.captions.lines.get()).toMatchObject([{ id: maria, name: "Maria", text: "go forward", final: true }]);
    await features.toggleCaptions();
    call.captionsOfCall.isCaptionsFeatureActive = false;
    call.captionsOfCall.fire("CaptionsActiveChanged");
    await settle();
    expect(model.captions.lines.get()).toEqual([]);
    expect(view().captions).toEqual({ offered: true, on: false });
    expect(call.requests).toEqual(["startCaptions", "stopCaptions"]);
    expect(said).toEqual(["Captions are on.", "Captions are off."]);
  });

  it("are not offered without a recogniser, and offered with the reason where a policy forbids them", async () => {
    const { call, model, view, features } = await inside();
    const without = (reason: "FeatureNotSupported" | "UserPolicyRestricted") => {
      call.capabilities.capabilities = { ...capabilities(["unmuteMic"]), startLiveMeetingCaptions: { isPresent: false, reason } };
      call.capabilities.fire("capabilitiesChanged");
    };
    without("FeatureNotSupported");
    await settle();
    expect(view().captions.offered).toBe(false);
    expect(view().permissions.transcribe.allowed).toBe(false);
    without("UserPolicyRestricted");
    await settle();
    expect(view().captions.offered).toBe(true);
    await features.toggleCaptions();
    expect(call.requests).toEqual([]);
    expect(model.notice.get()?.text).toContain("by the organisation's policy");
  });
});

describe("recording and transcription", () => {
  it("are told to everybody, and consent is given to what runs", async () => {
    const { call, view, said, features } = await inside();
    await features.toggleRecording();
    call.recording.isRecordingActive = true;
    call.recording.isTeamsConsentRequired = true;
    call.recording.fire("isRecordingActiveChanged");
    await settle();
    expect(view()).toMatchObject({ recording: true, transcribing: false, consent: { recording: true, transcription: false } });
    await features.agree();
    await features.toggleRecording();
    expect(call.requests).toEqual(["setRecording true", "agree to recording", "setRecording false"]);
    expect(said).toEqual(["The meeting is being recorded."]);
  });

  it("are not for attendees", async () => {
    const { call, model, features } = await inside();
    call.role = "Attendee";
    call.fire("roleChanged");
    await settle();
    await features.toggleRecording();
    await features.toggleTranscription();
    expect(call.requests).toEqual([]);
    expect(model.notice.get()?.text).toBe("Only people who run the meeting can do this.");
  });
});

describe("breakout rooms", () => {
  it("are planned and opened by a member who runs the meeting", async () => {
    const { call, features } = await inside();
    expect(await features.openRooms({ rooms: [{ name: "Blue", ids: [maria] }], autoMove: true, seconds: 600 })).toBe(true);
    expect(call.requests[0]).toContain('"displayName":"Blue"');
    expect(call.requests[0]).toContain('"seconds":600');
    expect(call.requests[1]).toBe("open");
  });

  it("are not opened when the plan is refused", async () => {
    const { call, model, features } = await inside();
    call.failure = new Error("Rooms are open already.");
    expect(await features.openRooms({ rooms: [{ name: "Blue", ids: [] }], autoMove: true, seconds: undefined })).toBe(false);
    expect(call.requests).toHaveLength(1);
    expect(model.notice.get()?.text).toBe("Rooms are open already.");
  });

  it("are not managed by somebody without an account", async () => {
    const { view } = await inside({ id: "8:teamsvisitor:a", name: "Maria" });
    expect(view().permissions.manageRooms.allowed).toBe(false);
  });

  it("show the own room, and take the page into it and back", async () => {
    const { call, model, view, said } = await inside();
    call.breakout.assignedBreakoutRooms = { displayName: "Blue", state: "open", autoMoveParticipantToBreakoutRoom: false, invitees: [] };
    call.breakout.fire("breakoutRoomsUpdated", { type: "assignedBreakoutRooms" });
    await settle();
    expect(view().breakout.assigned).toEqual({ name: "Blue", open: true, moves: false });
    const room = new FakeCall();
    room.id = "room";
    room.meeting.subject = "Blue";
    room.breakout.breakoutRoomsSettings = { disableReturnToMainMeeting: true, roomEndTime: "2026-01-01T10:00:00Z" };
    call.enter(room);
    room.to("Connected");
    await settle();
    const inRoom = model.room.get();
    expect(inRoom?.main).toBe(model);
    expect(inRoom?.view.get().breakout).toMatchObject({ inRoom: true, mayReturn: false, ends: Date.parse("2026-01-01T10:00:00Z") });
    expect(inRoom?.view.get().permissions.manageRooms.allowed).toBe(false);
    await inRoom?.backToMain();
    expect(room.requests).toEqual(["hangUp"]);
    room.end({ code: 0, subCode: 5030 });
    await settle();
    expect(model.room.get()).toBeUndefined();
    expect(room.listening).toBe(0);
    expect(said).toEqual(["The room Blue is open for you.", "You are in the room Blue. Nobody else is here.", "You are back in the main meeting."]);
  });

  it("keep the newer room when somebody is moved from one to another", async () => {
    const { call, model } = await inside();
    const [blue, red] = [new FakeCall(), new FakeCall()];
    call.enter(blue);
    call.enter(red);
    blue.end({ code: 0, subCode: 5030 });
    await settle();
    expect(model.room.get()).toBeDefined();
    expect(model.notice.get()).toBeUndefined();
  });

  it("pass on what is said to all of them", async () => {
    const { call, model } = await inside();
    call.meeting.breakout.fire("message", { displayName: "Anna", text: "Ten minutes left" });
    expect(model.notice.get()?.text).toBe("Anna to all rooms: Ten minutes left");
  });

  it("tell somebody in a room what is said once, and why the way back is refused", async () => {
    const { call, model, said } = await inside();
    const room = new FakeCall();
    call.enter(room);
    room.to("Connected");
    await settle();
    said.length = 0;
    call.meeting.breakout.fire("message", { displayName: "Anna", text: "Ten minutes left" });
    room.meeting.breakout.fire("message", { displayName: "Anna", text: "Ten minutes left" });
    expect(said).toEqual(["Anna to all rooms: Ten minutes left"]);
    room.failure = new Error("The rooms stay closed until the end.");
    await model.room.get()?.backToMain();
    expect(model.room.get()?.notice.get()?.text).toBe("The rooms stay closed until the end.");
    expect(model.notice.get()).toBeUndefined();
  });

  it("are left with the meeting, and nothing says that one is back", async () => {
    const { call, model, said } = await inside();
    const room = new FakeCall();
    call.enter(room);
    room.to("Connected");
    await settle();
    said.length = 0;
    call.to("Disconnecting");
    room.end({ code: 0, subCode: 0 });
    await settle();
    call.end({ code: 0, subCode: 0 });
    await settle();
    expect(model.room.get()).toBeUndefined();
    expect(said).toEqual(["You left the meeting."]);
    expect(call.listening + room.listening).toBe(0);
  });
});
