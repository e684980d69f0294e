// Watches how a call goes: network, microphone, camera and devices, and says so as diagnostics.
//
// Owns: the reading of statistics (every two seconds while the person is inside), the latest value of each diagnostic. Delegates:
// judgement of the network (core/quality.ts), the microphone (microphone-watch.ts), the list of devices (device-watch.ts). Not here: what
// applications see of it (features/user-facing-diagnostics.ts), failures to open devices (local-*.ts say those themselves).
// Invariants: nothing runs before the first snapshot or after the end; `noNetwork` is told while it is true only; a flag that was never
// raised is not lowered. Tests: test/diagnostics.test.ts.
import type { Platform } from '../adapters/platform';
import type { Emitter } from '../core/emitter';
import type { MeetingMirror } from '../core/mirror';
import { QualityGauge } from '../core/quality';
import type { CarriedMedium, Reading } from '../core/rtc-stats';
import { StatsReader } from '../core/rtc-stats';
import type { DeviceManager } from '../public/types/devices';
import type {
  LatestDiagnosticValue,
  MediaDiagnosticType,
  NetworkDiagnosticChangedEventArgs,
  NetworkDiagnosticType,
} from '../public/types/features-media';
import type { CallMedia } from './call-media';
import type { SessionEvents } from './context';
import { DeviceWatch } from './device-watch';
import { MicrophoneWatch } from './microphone-watch';

const EVERY_MS = 2_000;
/** A camera that gave no frame in so many readings stands still. */
const FROZEN_READINGS = 3;

/** Watches one call. */
export class CallWatch {
  /** How each network diagnostic is that was ever told. */
  readonly latestNetwork = new Map<NetworkDiagnosticType, LatestDiagnosticValue>();
  /** The same of the media diagnostics. */
  readonly latestMedia = new Map<MediaDiagnosticType, LatestDiagnosticValue>();
  private readonly reader = new StatsReader();
  private readonly receive = new QualityGauge();
  private readonly send = new QualityGauge();
  private readonly microphone: MicrophoneWatch;
  private devices: DeviceWatch | undefined;
  private running = false;
  private over = false;
  private still = 0;
  private cancel: () => void = () => undefined;
  private endNetwork: () => void = () => undefined;

  constructor(
    private readonly platform: Platform,
    private readonly media: CallMedia,
    private readonly session: Emitter<SessionEvents>,
    private readonly mirror: () => MeetingMirror,
  ) {
    this.microphone = new MicrophoneWatch(platform, media.microphone, (diagnostic, value) => { this.flag(diagnostic, value); });
    session.on('network', ({ diagnostic, value, valueType }) => {
      if (diagnostic === 'noNetwork' && value === false) this.latestNetwork.delete(diagnostic);
      else this.latestNetwork.set(diagnostic, { value, valueType });
    });
    session.on('media', ({ diagnostic, value, valueType }) => { this.latestMedia.set(diagnostic, { value, valueType }); });
  }

  /** The person is inside. */
  start(): void {
    if (this.running || this.over) return;
    this.running = true;
    this.microphone.start();
    this.endNetwork = this.platform.onNetwork((online) => {
      this.network(online);
      if (online) this.media.path.networkChanged();
    });
    if (!this.platform.isOnline()) this.network(false);
    this.next();
  }

  /** The call is over. */
  stop(): void {
    this.over = true;
    this.running = false;
    this.cancel();
    this.endNetwork();
    this.microphone.stop();
    this.devices?.stop();
  }

  /** These devices can be used; tells when there are none. */
  useDevices(devices: DeviceManager): void {
    if (this.over) return;
    this.devices?.stop();
    this.devices = new DeviceWatch(devices, (diagnostic, value) => { this.flag(diagnostic, value); }, (cameras) => {
      this.media.videos.camerasListed(cameras, this.platform.now());
    });
  }

  /** Whether the relays answered. */
  relays(reachable: boolean): void {
    if (reachable && this.latestNetwork.get('networkRelaysNotReachable')?.value !== true) return;
    this.tellNetwork({ diagnostic: 'networkRelaysNotReachable', value: !reachable, valueType: 'DiagnosticFlag' });
  }

  /** What an m-line carries just now. */
  readonly carried = (mid: string): CarriedMedium | undefined => {
    const kind = this.media.path.kindOf(mid);
    if (kind !== undefined) return { medium: kind === 'camera' ? 'video' : kind === 'screen' ? 'screenShare' : 'audio' };
    const { slots, participants } = this.mirror();
    const publication = slots.get(mid)?.publication;
    if (publication === undefined || publication === null) return undefined;
    for (const participant of participants.values()) {
      const found = participant.publications.find(({ id }) => id === publication);
      if (found) return { medium: MEDIA[found.kind], streamId: publication };
    }
    return undefined;
  };

  private next(): void {
    this.cancel = this.platform.after(EVERY_MS, () => {
      void this.media.path
        .stats()
        .then((report) => { if (report && this.running) this.measured(this.reader.read(report, this.platform.now(), this.carried)); })
        // The browser did not answer; the next reading may.
        .catch(() => undefined)
        .finally(() => { if (this.running) this.next(); });
    });
  }

  private measured(reading: Reading): void {
    const receive = this.receive.take(reading.receive);
    if (receive !== undefined) this.tellNetwork({ diagnostic: 'networkReceiveQuality', value: receive, valueType: 'DiagnosticQuality' });
    const send = this.send.take(reading.send);
    if (send !== undefined) this.tellNetwork({ diagnostic: 'networkSendQuality', value: send, valueType: 'DiagnosticQuality' });
    const standing = reading.cameraFrames === 0 && this.media.videos.isCameraOn;
    this.still = standing ? this.still + 1 : 0;
    if (this.still >= FROZEN_READINGS) this.flag('cameraFreeze', true);
    else if (!standing) this.flag('cameraFreeze', false);
    this.session.emit('measured', reading);
  }

  private network(online: boolean): void {
    if (online !== (this.latestNetwork.get('noNetwork')?.value === true)) return;
    this.tellNetwork({ diagnostic: 'noNetwork', value: !online, valueType: 'DiagnosticFlag' });
  }

  private tellNetwork(change: NetworkDiagnosticChangedEventArgs): void {
    this.session.emit('network', change);
  }

  private flag(diagnostic: MediaDiagnosticType, value: boolean): void {
    if ((this.latestMedia.get(diagnostic)?.value === true) === value) return;
    this.session.emit('media', { diagnostic, value, valueType: 'DiagnosticFlag' });
  }
}

const MEDIA = { microphone: 'audio', screenAudio: 'audio', camera: 'video', screen: 'screenShare' } as const;
