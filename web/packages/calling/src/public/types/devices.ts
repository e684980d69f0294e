// Devices and the device manager.
import type { CollectionUpdatedEvent, EventSource, PropertyChangedEvent } from './common';
import type { StartPreheatDeviceParameters, StopPreheatDeviceParameters } from './settings';

/** Kind of a camera. */
export type VideoDeviceType = 'Unknown' | 'UsbCamera' | 'CaptureAdapter' | 'Virtual' | 'ScreenSharing';

/** Kind of an audio device. */
export type AudioDeviceType = 'Microphone' | 'Speaker' | 'CompositeAudioDevice' | 'Virtual';

/** A camera. */
export interface VideoDeviceInfo {
  readonly name: string;
  readonly id: string;
  readonly deviceType: VideoDeviceType;
}

/** A microphone or speaker. */
export interface AudioDeviceInfo {
  readonly name: string;
  readonly id: string;
  readonly isSystemDefault: boolean;
  readonly deviceType: AudioDeviceType;
}

/** What to ask permission for. */
export interface PermissionConstraints {
  audio: boolean;
  video: boolean;
}

/** What was permitted. */
export interface DeviceAccess {
  audio: boolean;
  video: boolean;
}

/** Events of the device manager. */
export interface DeviceManagerEvents {
  videoDevicesUpdated: CollectionUpdatedEvent<VideoDeviceInfo>;
  audioDevicesUpdated: CollectionUpdatedEvent<AudioDeviceInfo>;
  selectedMicrophoneChanged: PropertyChangedEvent;
  selectedSpeakerChanged: PropertyChangedEvent;
}

/** Lists and selects devices, and asks for permission. */
export interface DeviceManager extends EventSource<DeviceManagerEvents> {
  /** Whether the browser lets a page choose the speaker. */
  readonly isSpeakerSelectionAvailable: boolean;
  /** The microphone of the next or running call. */
  readonly selectedMicrophone?: AudioDeviceInfo;
  /** The speaker of the next or running call. */
  readonly selectedSpeaker?: AudioDeviceInfo;
  /** Cameras; empty before permission. */
  getCameras(): Promise<VideoDeviceInfo[]>;
  /** Microphones; empty before permission. */
  getMicrophones(): Promise<AudioDeviceInfo[]>;
  /** Speakers; fails with 405/40606 when the browser does not let a page choose. */
  getSpeakers(): Promise<AudioDeviceInfo[]>;
  /** Uses this microphone. */
  selectMicrophone(device: AudioDeviceInfo): Promise<void>;
  /** Uses this speaker. */
  selectSpeaker(device: AudioDeviceInfo): Promise<void>;
  /** Asks the person; lists are filled and announced after a grant. */
  askDevicePermission(constraints: PermissionConstraints): Promise<DeviceAccess>;
  /** Accepted for compatibility; devices start fast enough without. */
  startPreheatDevices(parameters?: StartPreheatDeviceParameters): Promise<void>;
  /** Ends `startPreheatDevices`. */
  stopPreheatDevices(parameters?: StopPreheatDeviceParameters): void;
}
