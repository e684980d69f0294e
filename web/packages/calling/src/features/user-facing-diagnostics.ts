// User-facing diagnostics: what a person should be told about network and devices, their own and (if they tell) the others'.
//
// What is judged, and by which bounds: session/call-watch.ts. Invariant: `noNetwork` is only told while it is true; applications take any
// value of it for "no network".
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
  UserFacingDiagnosticsFeature,
} from '../public/types/features-media';
import type { CallContext } from '../session/context';
import { Feature } from './feature';
import { RemoteDiagnosticsOfCall } from './remote-diagnostics';

class Latest<TName extends string> extends Emitter<{ diagnosticChanged: (args: LatestDiagnosticValue & { diagnostic: TName }) => void }> {
  private readonly values: Map<TName, LatestDiagnosticValue>;

  /** Begins with what was told before anybody listened. */
  constructor(known: ReadonlyMap<TName, LatestDiagnosticValue>) {
    super();
    this.values = new Map(known);
  }

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

/** Diagnostics of the own person, and of the others. */
export class UserFacingDiagnostics extends Feature<Record<never, () => void>> implements UserFacingDiagnosticsFeature {
  readonly name = 'UserFacingDiagnostics';
  readonly network: NetworkDiagnostics & { getLatest(): LatestNetworkDiagnostics };
  readonly media: MediaDiagnostics & { getLatest(): LatestMediaDiagnostics };
  readonly remote: RemoteDiagnostics;
  private readonly others: RemoteDiagnosticsOfCall;

  constructor(context: CallContext) {
    super(context);
    const network = new Latest<NetworkDiagnosticChangedEventArgs['diagnostic']>(context.watch.latestNetwork);
    const media = new Latest<MediaDiagnosticChangedEventArgs['diagnostic']>(context.watch.latestMedia);
    const others = new RemoteDiagnosticsOfCall(context);
    this.network = network;
    this.media = media;
    this.remote = others;
    this.others = others;
    this.follow('network', (change) => {
      network.tell(change);
      others.tell(change.diagnostic, change);
    });
    this.follow('media', (change) => {
      media.tell(change);
      others.tell(change.diagnostic, change);
    });
    this.follow('said', (event) => {
      if (event.type === 'diagnostics') others.heard(event);
    });
    this.follow('mirrored', (previous, next) => {
      if (previous.participants !== next.participants) others.present(next.participants);
    });
    this.follow('over', () => { others.close(); });
  }

  override dispose(): void {
    this.others.close();
    super.dispose();
  }
}
