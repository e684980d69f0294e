// Diagnostics between participants: the own ones told to the others while that is switched on, those of the others as they tell them, and
// what the server says of their connections (`serverConnection`, from the roster's `reconnecting`).
//
// Invariants: nothing is told before `startSendingDiagnostics`, and never that the person speaks while muted; what is told goes out at most
// once a second, the latest value of each; what somebody told is forgotten when they leave. Tests: test/diagnostics.test.ts.
import { Emitter } from '../core/emitter';
import type { MeetingMirror, Said } from '../core/mirror';
import { DiagnosticQuality } from '../public/enums';
import type {
  DiagnosticValueType,
  LatestDiagnosticValue,
  MediaDiagnosticType,
  NetworkDiagnosticType,
  RemoteDiagnostic,
  RemoteDiagnostics,
  RemoteParticipantDiagnosticsData,
  ServerDiagnosticType,
} from '../public/types/features-media';
import type { CallContext } from '../session/context';

type Name = NetworkDiagnosticType | MediaDiagnosticType | ServerDiagnosticType;
type Kept = { readonly rawId: string; readonly session: string; readonly name: Name } & LatestDiagnosticValue;

const TELL_EVERY_MS = 1_000;
/** Names that one client's diagnostics may have; there are fewer than 30. Further ones are dropped. */
const MOST_NAMES = 64;
/** What is nobody else's business; the server refuses it. */
const PRIVATE = 'speakingWhileMicrophoneIsMuted';

/** The remote side of a call's diagnostics. */
export class RemoteDiagnosticsOfCall
  extends Emitter<{ diagnosticChanged: (args: RemoteParticipantDiagnosticsData) => void }>
  implements RemoteDiagnostics
{
  private sending = false;
  private readonly waiting = new Map<string, LatestDiagnosticValue>();
  private readonly kept = new Map<string, Kept>();
  private cancel: (() => void) | undefined;

  constructor(private readonly context: CallContext) {
    super();
    for (const lost of this.connections(context.mirror.participants)) this.keep(lost);
  }

  get isSendingDiagnosticsEnabled(): boolean {
    return this.sending;
  }

  getLatest(): RemoteParticipantDiagnosticsData {
    return { diagnostics: [...this.kept.values()].map((kept) => this.public(kept)) };
  }

  startSendingDiagnostics(): void {
    if (this.sending) return;
    this.sending = true;
    const { latestNetwork, latestMedia } = this.context.watch;
    for (const [name, value] of [...latestNetwork, ...latestMedia]) this.tell(name, value);
  }

  stopSendingDiagnostics(): void {
    this.sending = false;
    this.waiting.clear();
    this.end();
  }

  /** A diagnostic of the own person changed. */
  tell(name: string, value: LatestDiagnosticValue): void {
    if (!this.sending || name === PRIVATE) return;
    this.waiting.set(name, value);
    this.cancel ??= this.context.platform.after(TELL_EVERY_MS, () => { this.flush(); });
  }

  /** Somebody's client told something. */
  heard(event: Extract<Said, { type: 'diagnostics' }>): void {
    const changed = event.diagnostics.map(({ name, value, isFlag }): Kept => {
      const valueType: DiagnosticValueType = isFlag ? 'DiagnosticFlag' : 'DiagnosticQuality';
      return { rawId: event.participant, session: event.session, name: name as Name, value: isFlag ? value !== 0 : value, valueType };
    });
    this.keepOnlySession(event.participant, event.session);
    this.changed(changed);
  }

  /** These people are in the call in these sessions, their connections like this; the others are forgotten. */
  present(participants: MeetingMirror['participants']): void {
    for (const [key, { rawId, session }] of this.kept) if (participants.get(rawId)?.session !== session) this.kept.delete(key);
    this.changed(this.connections(participants));
  }

  /** Ends all of it. */
  close(): void {
    this.stopSendingDiagnostics();
    this.kept.clear();
  }

  /** Whose connection the server has lost, or has back after it was told as lost. */
  private connections(participants: MeetingMirror['participants']): Kept[] {
    const news: Kept[] = [];
    for (const { id: rawId, session, reconnecting } of participants.values()) {
      const value = reconnecting ? DiagnosticQuality.Bad : DiagnosticQuality.Good;
      const told = this.kept.get(`${session} serverConnection`)?.value ?? DiagnosticQuality.Good;
      if (value !== told) news.push({ rawId, session, name: 'serverConnection', value, valueType: 'DiagnosticQuality' });
    }
    return news;
  }

  private changed(changes: readonly Kept[]): void {
    const told = changes.filter((kept) => this.keep(kept));
    if (told.length > 0) this.emit('diagnosticChanged', { diagnostics: told.map((kept) => this.public(kept)) });
  }

  private keep(kept: Kept): boolean {
    const key = `${kept.session} ${kept.name}`;
    const names = [...this.kept.values()].filter(({ session }) => session === kept.session).length;
    if (!this.kept.has(key) && names >= MOST_NAMES) return false;
    this.kept.set(key, kept);
    return true;
  }

  /** What the person's client said in a session before this one is over. */
  private keepOnlySession(rawId: string, now: string): void {
    for (const [key, { rawId: whose, session }] of this.kept) if (whose === rawId && session !== now) this.kept.delete(key);
  }

  private flush(): void {
    this.cancel = undefined;
    const diagnostics = [...this.waiting].map(([name, { value, valueType }]) => ({
      name,
      value: Number(value),
      isFlag: valueType === 'DiagnosticFlag',
    }));
    this.waiting.clear();
    // What cannot be told now is old when it can.
    if (diagnostics.length > 0) void this.context.request({ type: 'publishDiagnostics', diagnostics }).catch(() => undefined);
  }

  private end(): void {
    this.cancel?.();
    this.cancel = undefined;
  }

  private public({ rawId, session, name, value, valueType }: Kept): RemoteDiagnostic {
    const remoteParticipant = this.context.participant(rawId);
    return { participantId: session, rawId, ...(remoteParticipant ? { remoteParticipant } : {}), diagnostic: name, value, valueType };
  }
}
