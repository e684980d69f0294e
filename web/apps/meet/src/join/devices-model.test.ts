import type { AudioDeviceInfo, DeviceManager, VideoDeviceInfo } from "@anteroom/calling";
import { beforeEach, describe, expect, it } from "vitest";
import { Events, settle } from "../testing/fake-call";
import { DevicesModel } from "./devices-model";

const camera = (id: string): VideoDeviceInfo => ({ id, name: `Camera ${id}`, deviceType: "UsbCamera" });
const microphone = (id: string): AudioDeviceInfo => ({ id, name: `Microphone ${id}`, isSystemDefault: false, deviceType: "Microphone" });

class FakeManager extends Events {
  isSpeakerSelectionAvailable = false;
  selectedMicrophone: AudioDeviceInfo | undefined;
  cameras = [camera("1"), camera("2")];
  allowed = { audio: true, video: true };
  asked: unknown[] = [];
  getCameras = () => Promise.resolve(this.cameras);
  getMicrophones = () => Promise.resolve([microphone("1"), microphone("2")]);
  getSpeakers = () => Promise.reject(new Error("40606"));
  selectMicrophone = (device: AudioDeviceInfo) => {
    this.selectedMicrophone = device;
    return Promise.resolve();
  };
  askDevicePermission = (constraints: { audio: boolean; video: boolean }) => {
    this.asked.push(constraints);
    return Promise.resolve(constraints.video ? this.allowed : { audio: true, video: false });
  };
}

let open: string[] = [];
let failing = false;
beforeEach(() => {
  open = [];
  failing = false;
});

class FakeVideo extends Events {
  constructor(public source: VideoDeviceInfo) {
    super();
    open.push(`video ${source.id}`);
  }
  getMediaStream = () => (failing ? Promise.reject(new Error("The camera is used by another program.")) : Promise.resolve({}));
  switchSource = (device: VideoDeviceInfo) => {
    open = open.map((name) => (name === `video ${this.source.id}` ? `video ${device.id}` : name));
    this.source = device;
    return Promise.resolve();
  };
  dispose = () => {
    open = open.filter((name) => name !== `video ${this.source.id}`);
  };
}

class FakeAudio {
  volume = Object.assign(new Events(), { level: 0 });
  constructor(private readonly source: AudioDeviceInfo) {
    open.push(`audio ${source.id}`);
  }
  getVolume = () => Promise.resolve(this.volume);
  dispose = () => {
    open = open.filter((name) => name !== `audio ${this.source.id}`);
  };
}

function setUp() {
  const manager = new FakeManager();
  const audio: FakeAudio[] = [];
  const model = new DevicesModel(manager as unknown as DeviceManager, {
    video: (device) => new FakeVideo(device) as never,
    audio: (device) => {
      audio.push(new FakeAudio(device));
      return audio.at(-1) as never;
    },
  });
  return { manager, model, audio };
}

describe("the device check", () => {
  it("asks once, lists devices, shows the camera and measures the microphone", async () => {
    const { manager, model, audio } = setUp();
    await model.start();
    await settle();
    expect(model.state.get()).toMatchObject({ allowed: { audio: true, video: true }, cameraId: "1", microphoneId: "1", cameraOn: true });
    expect(open.sort()).toEqual(["audio 1", "video 1"]);
    const volume = audio[0]?.volume;
    if (volume !== undefined) {
      volume.level = 42;
      volume.fire("levelChanged");
    }
    expect(model.level.get()).toBe(42);
    await model.start();
    expect(manager.asked).toHaveLength(1);
  });

  it("follows the choice of another camera and microphone", async () => {
    const { model } = setUp();
    await model.start();
    await model.chooseCamera("2");
    await model.chooseMicrophone("2");
    await settle();
    expect(open.sort()).toEqual(["audio 2", "video 2"]);
  });

  it("closes what is switched off and opens it again", async () => {
    const { model } = setUp();
    await model.start();
    model.setCamera(false);
    model.setMicrophone(false);
    await settle();
    expect(open).toEqual([]);
    model.setCamera(true);
    model.setMicrophone(true);
    await settle();
    expect(open.sort()).toEqual(["audio 1", "video 1"]);
  });

  it("asks for the microphone alone when both together are refused", async () => {
    const { manager, model } = setUp();
    manager.allowed = { audio: false, video: false };
    await model.start();
    expect(model.state.get()).toMatchObject({ allowed: { audio: true, video: false }, cameraOn: false, microphoneOn: true });
  });

  it("says why the camera shows nothing, and goes on without it", async () => {
    failing = true;
    const { model } = setUp();
    await model.start();
    await settle();
    expect(model.state.get()).toMatchObject({ cameraOn: false, cameraProblem: "The camera is used by another program.", preview: undefined });
    expect(open).toEqual(["audio 1"]);
  });
});

describe("a call", () => {
  it("takes the camera over; the meter is closed and nothing is opened again behind it", async () => {
    const { manager, model } = setUp();
    await model.start();
    const { video, muted } = model.handOver();
    expect(video).toBeDefined();
    expect(muted).toBe(false);
    manager.fire("videoDevicesUpdated", { added: [], removed: [] });
    await settle();
    expect(open).toEqual(["video 1"]);
  });

  it("gets no camera that was switched off", async () => {
    const { model } = setUp();
    await model.start();
    model.setCamera(false);
    await settle();
    expect(model.handOver().video).toBeUndefined();
  });
});

it("holds nothing open and listens to nothing at the end", async () => {
  const { manager, model } = setUp();
  await model.start();
  model.end();
  await settle();
  expect(open).toEqual([]);
  expect(manager.count).toBe(0);
});
