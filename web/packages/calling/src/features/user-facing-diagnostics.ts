// User-facing diagnostics: what a person should be told about network and devices.
// Invariant: `noNetwork` is only told while it is true; applications take any value of it for "no network".
import { Emitter } from '../core/emitter';
import type {
  LatestDiagnosticValue,
  LatestMediaDiagnostics,
  LatestNetworkDiagnostics,
  MediaDiagnosticChangedEventArgs,
  MediaDiagnostics,
  NetworkDiagnosticChangedEventArgs,
  NetworkDiagnostics,
  RemoteDiagnostics,
  RemoteParticipantDiagnosticsData,
  UserFacingDiagnosticsFeature,
} from '../public/types/features-media';
import type { CallContext } from '../session/context';
import { Feature } from './feature';

class Latest<TName extends string> extends Emitter<{ diagnosticChanged: (args: LatestDiagnosticValue & { diagnostic: TName }) => void }> {
  private readonly values = new Map<TName, LatestDiagnosticValue>();

  getLatest(): Partial<Record<TName, LatestDiagnosticValue>> {
    const latest: Partial<Record<TName, LatestDiagnosticValue>> = {};
    for (const [name, value] of this.values) latest[name] = { ...value };
    return latest;
  }

  tell(change: LatestDiagnosticValue & { diagnostic: TName }): void {
    const { diagnostic, value, valueType } = change;
    if (diagnostic === 'noNetwork' && value === false) {
      this.values.delete(diagnostic);
      return;
    }
    if (this.values.get(diagnostic)?.value === value) return;
    this.values.set(diagnostic, { value, valueType });
    this.emit('diagnosticChanged', { diagnostic, value, valueType });
  }
}

class NoRemote extends Emitter<{ diagnosticChanged: (args: RemoteParticipantDiagnosticsData) => void }> implements RemoteDiagnostics {
  readonly isSendingDiagnosticsEnabled = false;

  getLatest(): RemoteParticipantDiagnosticsData {
    return { diagnostics: [] };
  }

  startSendingDiagnostics(): void {
    // The wire does not carry diagnostics of others yet.
  }

  stopSendingDiagnostics(): void {
    // Nothing was started.
  }
}

/** Network and media diagnostics of the own person. */
export class UserFacingDiagnostics extends Feature<Record<never, () => void>> implements UserFacingDiagnosticsFeature {
  readonly name = 'UserFacingDiagnostics';
  readonly network: NetworkDiagnostics & { getLatest(): LatestNetworkDiagnostics };
  readonly media: MediaDiagnostics & { getLatest(): LatestMediaDiagnostics };
  readonly remote: RemoteDiagnostics = new NoRemote();

  constructor(context: CallContext) {
    super(context);
    const network = new Latest<NetworkDiagnosticChangedEventArgs['diagnostic']>();
    const media = new Latest<MediaDiagnosticChangedEventArgs['diagnostic']>();
    this.network = network;
    this.media = media;
    this.follow('network', (change) => {
      network.tell(change);
    });
    this.follow('media', (change) => {
      media.tell(change);
    });
  }
}
