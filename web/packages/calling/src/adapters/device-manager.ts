// Lists and selects devices over the browser's API.
//
// Owns: the last lists, the selection. Invariants: lists are empty before permission (the browser gives no names); after a grant the
// lists are filled and announced; a selected device that is unplugged gives way to the default one.
import { systemAfter, within } from '../core/deadline';
import { Emitter } from '../core/emitter';
import { failure } from '../core/errors';
import type {
  AudioDeviceInfo,
  DeviceAccess,
  DeviceManager,
  DeviceManagerEvents,
  PermissionConstraints,
  VideoDeviceInfo,
} from '../public/types/devices';
import { mediaDevices, stopStream } from './media-devices';

interface Lists {
  cameras: VideoDeviceInfo[];
  microphones: AudioDeviceInfo[];
  speakers: AudioDeviceInfo[];
}

const NONE: Lists = { cameras: [], microphones: [], speakers: [] };
/** A browser lists its devices at once; one that does not has none for us. */
const LIST_MS = 10_000;
/** A person decides; but not for ever. */
const ASK_MS = 120_000;

/** Key of what the browser lists whether or not the page may use it. */
export const PRESENT: unique symbol = Symbol('anteroom.present');

/** The one device manager of a client. */
export class BrowserDeviceManager extends Emitter<DeviceManagerEvents> implements DeviceManager {
  private lists: Lists = NONE;
  private microphone: AudioDeviceInfo | undefined;
  private speaker: AudioDeviceInfo | undefined;
  private devices: MediaDevices | undefined;
  private ended = false;
  private preferredMicrophone: string | undefined;
  private preferredSpeaker: string | undefined;
  /** @internal */
  [PRESENT] = { microphones: true, speakers: true };

  /** Reads what is already permitted; tells nothing about it. */
  async begin(): Promise<void> {
    try {
      this.devices = mediaDevices();
    } catch {
      return;
    }
    this.lists = await this.read();
    this.preselect();
    if (!this.ended) this.devices.addEventListener?.('devicechange', this.onDeviceChange);
  }

  /** Ends listening. */
  end(): void {
    this.ended = true;
    this.devices?.removeEventListener?.('devicechange', this.onDeviceChange);
    this.clearListeners();
  }

  get isSpeakerSelectionAvailable(): boolean {
    return typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype;
  }

  get selectedMicrophone(): AudioDeviceInfo | undefined {
    return this.microphone && { ...this.microphone };
  }

  get selectedSpeaker(): AudioDeviceInfo | undefined {
    return this.speaker && { ...this.speaker };
  }

  getCameras(): Promise<VideoDeviceInfo[]> {
    return Promise.resolve(this.lists.cameras.map((device) => ({ ...device })));
  }

  getMicrophones(): Promise<AudioDeviceInfo[]> {
    return Promise.resolve(this.lists.microphones.map((device) => ({ ...device })));
  }

  getSpeakers(): Promise<AudioDeviceInfo[]> {
    if (!this.isSpeakerSelectionAvailable) return Promise.reject(failure('speakerSelection'));
    return Promise.resolve(this.lists.speakers.map((device) => ({ ...device })));
  }

  selectMicrophone(device: AudioDeviceInfo): Promise<void> {
    if (!this.lists.microphones.some(({ id }) => id === device.id)) return Promise.reject(failure('deviceUnknown'));
    this.microphone = { ...device };
    this.preferredMicrophone = device.id;
    this.emit('selectedMicrophoneChanged');
    return Promise.resolve();
  }

  selectSpeaker(device: AudioDeviceInfo): Promise<void> {
    if (!this.isSpeakerSelectionAvailable) return Promise.reject(failure('speakerSelection'));
    if (!this.lists.speakers.some(({ id }) => id === device.id)) return Promise.reject(failure('deviceUnknown'));
    this.speaker = { ...device };
    this.preferredSpeaker = device.id;
    this.emit('selectedSpeakerChanged');
    return Promise.resolve();
  }

  async askDevicePermission(constraints: PermissionConstraints): Promise<DeviceAccess> {
    const devices = mediaDevices();
    const ask = async (kind: 'audio' | 'video'): Promise<boolean> => {
      if (!constraints[kind]) return false;
      try {
        stopStream(await within(systemAfter, ASK_MS, devices.getUserMedia({ [kind]: true }), () => failure('devicePermission'), stopStream));
        return true;
      } catch {
        return false;
      }
    };
    // One after the other: browsers show one question at a time.
    const audio = await ask('audio');
    const video = await ask('video');
    await this.refresh();
    return { audio, video };
  }

  startPreheatDevices(): Promise<void> {
    // Devices start fast enough.
    return Promise.resolve();
  }

  stopPreheatDevices(): void {
    // Nothing was started.
  }

  private readonly onDeviceChange = (): void => {
    void this.refresh().catch(() => undefined);
  };

  private async refresh(): Promise<void> {
    const before = this.lists;
    this.lists = await this.read();
    const video = difference(before.cameras, this.lists.cameras);
    const audio = difference([...before.microphones, ...before.speakers], [...this.lists.microphones, ...this.lists.speakers]);
    const { microphone, speaker } = this;
    this.preselect();
    if (video) this.emit('videoDevicesUpdated', video);
    if (audio) this.emit('audioDevicesUpdated', audio);
    if (microphone?.id !== this.microphone?.id) this.emit('selectedMicrophoneChanged');
    if (speaker?.id !== this.speaker?.id) this.emit('selectedSpeakerChanged');
  }

  private preselect(): void {
    this.microphone = keep(this.lists.microphones, this.microphone, this.preferredMicrophone);
    this.speaker = keep(this.lists.speakers, this.speaker, this.preferredSpeaker);
  }

  private async read(): Promise<Lists> {
    const listing = this.devices?.enumerateDevices() ?? Promise.resolve([]);
    const found = await within(systemAfter, LIST_MS, listing, () => failure('deviceListTimeout')).catch((): MediaDeviceInfo[] => []);
    this[PRESENT] = {
      microphones: found.some(({ kind }) => kind === 'audioinput'),
      speakers: found.some(({ kind }) => kind === 'audiooutput'),
    };
    // Without permission the browser lists devices without names or ids.
    const known = found.filter(({ deviceId, label }) => deviceId !== '' && label !== '');
    return {
      cameras: known
        .filter(({ kind }) => kind === 'videoinput')
        .map(({ deviceId, label }) => ({ id: `camera:${deviceId}`, name: label, deviceType: 'UsbCamera' })),
      microphones: known
        .filter(({ kind }) => kind === 'audioinput')
        .map((device) => audioDevice('microphone:', 'Microphone', device)),
      speakers: known.filter(({ kind }) => kind === 'audiooutput').map((device) => audioDevice('speaker:', 'Speaker', device)),
    };
  }
}

function audioDevice(prefix: string, deviceType: 'Microphone' | 'Speaker', { deviceId, label }: MediaDeviceInfo): AudioDeviceInfo {
  return { id: `${prefix}${deviceId}`, name: label, isSystemDefault: deviceId === 'default', deviceType };
}

/** What the person chose (also when it was unplugged meanwhile and is back), what is used, the default one, any. */
function keep(devices: readonly AudioDeviceInfo[], selected: AudioDeviceInfo | undefined, preferred: string | undefined): AudioDeviceInfo | undefined {
  return devices.find(({ id }) => id === preferred) ?? devices.find(({ id }) => id === selected?.id) ?? devices.find(({ isSystemDefault }) => isSystemDefault) ?? devices[0];
}

function difference<T extends { readonly id: string }>(before: readonly T[], after: readonly T[]): { added: T[]; removed: T[] } | undefined {
  const added = after.filter((device) => !before.some(({ id }) => id === device.id));
  const removed = before.filter((device) => !after.some(({ id }) => id === device.id));
  return added.length + removed.length === 0 ? undefined : { added: added.map((device) => ({ ...device })), removed };
}
