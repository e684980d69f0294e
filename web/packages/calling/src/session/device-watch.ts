// Tells when there is no microphone or speaker at all, and which cameras there are. Listens to the device manager until stopped.
import { PRESENT } from '../adapters/device-manager';
import type { DeviceManager } from '../public/types/devices';
import type { MediaDiagnosticType } from '../public/types/features-media';

/** Follows the lists of one device manager. */
export class DeviceWatch {
  constructor(
    private readonly devices: DeviceManager,
    private readonly tell: (diagnostic: MediaDiagnosticType, value: boolean) => void,
    private readonly cameras: (ids: ReadonlySet<string>) => void,
  ) {
    devices.on('audioDevicesUpdated', this.onAudio);
    devices.on('videoDevicesUpdated', this.onVideo);
    this.onAudio();
  }

  /** Ends listening. */
  stop(): void {
    this.devices.off('audioDevicesUpdated', this.onAudio);
    this.devices.off('videoDevicesUpdated', this.onVideo);
  }

  private readonly onAudio = (): void => {
    // What the browser lists, permitted or not; an application's own manager says nothing about it.
    const present = (this.devices as { [PRESENT]?: { microphones: boolean; speakers: boolean } })[PRESENT];
    if (!present) return;
    this.tell('noMicrophoneDevicesEnumerated', !present.microphones);
    if (this.devices.isSpeakerSelectionAvailable) this.tell('noSpeakerDevicesEnumerated', !present.speakers);
  };

  private readonly onVideo = (): void => {
    void this.devices.getCameras().then(
      (cameras) => { this.cameras(new Set(cameras.map(({ id }) => id))); },
      () => undefined,
    );
  };
}
