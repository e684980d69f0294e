/**
 * Camera, microphone and speaker of the own person: permission, choice, preview, level.
 * Owns: the preview stream until a call takes it over (`handOver`), and the open microphone behind the level meter.
 * Not here: what a running call sends (the SDK), how it looks (`DeviceCheck.tsx`).
 * Invariants: no device is open after `rest`; a choice that fails leaves a sentence instead of an exception. Kept by `devices-model.test.ts`.
 */
import type { AudioDeviceInfo, DeviceManager, DeviceManagerEvents, LocalAudioStream, LocalVideoStream, VideoDeviceInfo } from "@anteroom/calling";
import { Scope } from "../base/scope";
import { Store, type Readable } from "../base/store";

export interface DevicesState {
  /** What the browser lets this page use; undefined while nobody was asked. */
  allowed: { audio: boolean; video: boolean } | undefined;
  cameras: readonly VideoDeviceInfo[];
  microphones: readonly AudioDeviceInfo[];
  speakers: readonly AudioDeviceInfo[];
  cameraId: string | undefined;
  microphoneId: string | undefined;
  speakerId: string | undefined;
  cameraOn: boolean;
  microphoneOn: boolean;
  preview: LocalVideoStream | undefined;
  /** Why the camera shows nothing, when it should. */
  cameraProblem: string;
}

/** What is made of devices; the SDK's classes, or stand-ins in tests. */
export interface StreamFactory {
  video(camera: VideoDeviceInfo): LocalVideoStream;
  audio(microphone: AudioDeviceInfo): LocalAudioStream;
}

const nothing: DevicesState = {
  allowed: undefined,
  cameras: [],
  microphones: [],
  speakers: [],
  cameraId: undefined,
  microphoneId: undefined,
  speakerId: undefined,
  cameraOn: true,
  microphoneOn: true,
  preview: undefined,
  cameraProblem: "",
};

export class DevicesModel {
  private readonly store = new Store<DevicesState>(nothing);
  private readonly levelStore = new Store(0);
  private readonly scope = new Scope();
  private meter = new Scope();
  private metered: string | undefined;
  private resting = true;

  constructor(
    private readonly manager: DeviceManager,
    private readonly streams: StreamFactory,
  ) {}

  get state(): Readable<DevicesState> {
    return this.store;
  }

  /** Loudness of the microphone, 0 to 100. */
  get level(): Readable<number> {
    return this.levelStore;
  }

  /** Asks for the devices and starts preview and meter. Later calls take up where `rest` stopped. */
  async start(): Promise<void> {
    this.resting = false;
    if (this.store.get().allowed === undefined) {
      const refresh = () => void this.list();
      const on = this.scope.of<DeviceManagerEvents>(this.manager);
      on("videoDevicesUpdated", refresh);
      on("audioDevicesUpdated", refresh);
      on("selectedMicrophoneChanged", refresh);
      on("selectedSpeakerChanged", refresh);
      const allowed = await this.ask();
      this.store.patch({ allowed, cameraOn: allowed.video && this.store.get().cameraOn, microphoneOn: allowed.audio && this.store.get().microphoneOn });
    }
    await this.list();
  }

  /** Reads the lists again without opening anything; for the menu of a running call. */
  async look(): Promise<void> {
    await this.list();
  }

  setMicrophone(on: boolean): void {
    this.store.patch({ microphoneOn: on });
    void this.measure();
  }

  setCamera(on: boolean): void {
    this.store.patch({ cameraOn: on });
    void this.show();
  }

  async chooseCamera(id: string): Promise<void> {
    const camera = this.store.get().cameras.find((device) => device.id === id);
    if (camera === undefined) {
      return;
    }
    this.store.patch({ cameraId: id, cameraProblem: "" });
    try {
      await this.store.get().preview?.switchSource(camera);
    } catch (error) {
      this.cameraFailed(error);
    }
    await this.show();
  }

  async chooseMicrophone(id: string): Promise<void> {
    const microphone = this.store.get().microphones.find((device) => device.id === id);
    if (microphone !== undefined) {
      await this.manager.selectMicrophone(microphone).catch(() => undefined);
      this.store.patch({ microphoneId: id });
      await this.measure();
    }
  }

  async chooseSpeaker(id: string): Promise<void> {
    const speaker = this.store.get().speakers.find((device) => device.id === id);
    if (speaker !== undefined) {
      await this.manager.selectSpeaker(speaker).catch(() => undefined);
      this.store.patch({ speakerId: id });
    }
  }

  /** Gives the preview to a call, which owns it from then on; the meter is closed. */
  handOver(): { video: LocalVideoStream | undefined; muted: boolean } {
    const { preview, cameraOn, microphoneOn } = this.store.get();
    this.stopMeter();
    this.resting = true;
    this.store.patch({ preview: undefined });
    return { video: cameraOn ? preview : undefined, muted: !microphoneOn };
  }

  /** A fresh stream of the chosen camera, for a call that turns it on later. */
  async newVideo(): Promise<LocalVideoStream | undefined> {
    if (this.store.get().allowed?.video !== true) {
      const allowed = await this.ask();
      this.store.patch({ allowed });
      await this.list();
    }
    const camera = this.camera();
    return camera === undefined ? undefined : this.streams.video(camera);
  }

  /** Closes what is open. */
  rest(): void {
    this.resting = true;
    this.stopMeter();
    this.store.get().preview?.dispose();
    this.store.patch({ preview: undefined });
  }

  end(): void {
    this.rest();
    this.scope.end();
  }

  private async ask(): Promise<{ audio: boolean; video: boolean }> {
    try {
      const both = await this.manager.askDevicePermission({ audio: true, video: true });
      // Asked together, a missing camera may cost the microphone as well.
      return both.audio || both.video ? both : { ...(await this.manager.askDevicePermission({ audio: true, video: false })), video: false };
    } catch {
      return { audio: false, video: false };
    }
  }

  private async list(): Promise<void> {
    const { manager } = this;
    const [cameras, microphones, speakers] = await Promise.all([
      manager.getCameras().catch(() => []),
      manager.getMicrophones().catch(() => []),
      manager.isSpeakerSelectionAvailable ? manager.getSpeakers().catch(() => []) : Promise.resolve([]),
    ]);
    const { cameraId } = this.store.get();
    this.store.patch({
      cameras: cameras.filter((camera) => camera.name !== ""),
      microphones,
      speakers,
      cameraId: cameras.some(({ id }) => id === cameraId) ? cameraId : cameras[0]?.id,
      microphoneId: manager.selectedMicrophone?.id ?? microphones[0]?.id,
      speakerId: manager.selectedSpeaker?.id ?? speakers[0]?.id,
    });
    await Promise.all([this.show(), this.measure()]);
  }

  private camera(): VideoDeviceInfo | undefined {
    const { cameras, cameraId } = this.store.get();
    return cameras.find((device) => device.id === cameraId) ?? cameras[0];
  }

  /** Makes the preview fit the state. */
  private async show(): Promise<void> {
    const { cameraOn, preview } = this.store.get();
    const camera = this.camera();
    if (this.resting || !cameraOn || camera === undefined) {
      preview?.dispose();
      this.store.patch({ preview: undefined });
      return;
    }
    if (preview !== undefined) {
      return;
    }
    const stream = this.streams.video(camera);
    this.store.patch({ preview: stream, cameraProblem: "" });
    try {
      await stream.getMediaStream();
    } catch (error) {
      this.cameraFailed(error);
    }
  }

  private cameraFailed(error: unknown): void {
    this.store.get().preview?.dispose();
    const text = error instanceof Error && error.message !== "" ? error.message : "The camera could not be started.";
    this.store.patch({ preview: undefined, cameraOn: false, cameraProblem: text });
  }

  /** Makes the level meter fit the state. */
  private async measure(): Promise<void> {
    const { microphoneOn, microphones, microphoneId } = this.store.get();
    const wanted = this.resting || !microphoneOn ? undefined : microphones.find((device) => device.id === microphoneId);
    if (wanted?.id === this.metered) {
      return;
    }
    this.stopMeter();
    if (wanted === undefined) {
      return;
    }
    this.metered = wanted.id;
    const scope = this.meter;
    const stream = this.streams.audio(wanted);
    scope.add(() => {
      stream.dispose();
    });
    try {
      const volume = await stream.getVolume();
      scope.of<{ levelChanged: () => void }>(volume)("levelChanged", () => {
        this.levelStore.set(volume.level);
      });
    } catch {
      // A microphone that cannot be measured may still work in the call; its silence is visible here.
      this.levelStore.set(0);
    }
  }

  private stopMeter(): void {
    this.meter.end();
    this.meter = new Scope();
    this.metered = undefined;
    this.levelStore.set(0);
  }
}
