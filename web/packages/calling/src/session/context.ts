// What a feature may know and do of its call. The call session implements it; features know nothing else of the session.
import type { Emitter } from '../core/emitter';
import type { MeetingMirror, Said } from '../core/mirror';
import type { MediaDiagnosticChangedEventArgs, NetworkDiagnosticChangedEventArgs } from '../public/types/features-media';
import type { Call, TeamsCall } from '../public/types/call';
import type { RemoteParticipant } from '../public/types/participants';
import type { Platform } from '../adapters/platform';
import type { Reading } from '../core/rtc-stats';
import type { Reply, RequestBody } from '../wire';
import type { CallWatch } from './call-watch';
import type { Siblings } from './siblings';

/** What a call session tells its features, always after the roster was delivered. */
export interface SessionEvents {
  /** The state of the meeting as the server told it changed from `previous` to `next`. */
  mirrored: (previous: MeetingMirror, next: MeetingMirror) => void;
  /** Something was said that changes no state: a reaction, a caption, typed text, a message … */
  said: (event: Said) => void;
  /** The browser's statistics were read. */
  measured: (reading: Reading) => void;
  /** Something about the network. */
  network: (change: NetworkDiagnosticChangedEventArgs) => void;
  /** Something about devices. */
  media: (change: MediaDiagnosticChangedEventArgs) => void;
  /** The person was handed over to this call, which is announced. */
  handedOver: (targetCall: Call | TeamsCall) => void;
  /** The call is over. */
  over: () => void;
}

/** A feature's window into its call. */
export interface CallContext {
  /** Whether the call was joined as a meeting: by link, ID, coordinates, or as its breakout room. */
  readonly isMeeting: boolean;
  /** Whether the call is over, or about to be. */
  readonly isOver: boolean;
  /** Public id of the call. */
  readonly callId: string;
  /** The state of the meeting as the server told it last. */
  readonly mirror: MeetingMirror;
  /** Events of the session. */
  readonly session: Emitter<SessionEvents>;
  /** Name of the call on the wire, nothing before the server answered. */
  readonly wireName: string | undefined;
  /** The other calls of the agent. */
  readonly siblings: Siblings;
  /** Somebody of the roster. */
  participant(rawId: string): RemoteParticipant | undefined;
  /** The own connection in the call, also after its end; empty before the server answered. */
  readonly endpointId: string;
  /** Asks the server about the call. */
  request(body: RequestBody): Promise<Reply>;
  /** Asks the server something that is about no live call; also when this one is over. */
  ask(body: RequestBody): Promise<Reply>;
  /** Time and the like. */
  readonly platform: Platform;
  /** What is watched about the call's network and devices, and how it is now. */
  readonly watch: Pick<CallWatch, 'latestMedia' | 'latestNetwork' | 'carried'>;
  /** Statistics of the media path, nothing while there is none. */
  stats(): Promise<RTCStatsReport | undefined>;
}
