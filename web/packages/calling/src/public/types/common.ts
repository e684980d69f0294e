// Types that every other public type uses: events, errors, identifiers' companions, small unions.
import type { CommunicationIdentifierKind } from '@azure/communication-common';

/** Listener of an event that says "the property changed, read it again". */
export type PropertyChangedEvent = () => void;

/** Listener of an event that carries what happened. */
export type PropertyChangedEventWithArgs<TArgs> = (args: TArgs) => void;

/** Listener of a collection that changed. */
export type CollectionUpdatedEvent<T> = (args: { added: T[]; removed: T[] }) => void;

/** Anything with typed events; `off` with an unknown listener does nothing. */
export interface EventSource<TEvents> {
  /** Calls the listener for each later event. */
  on<K extends keyof TEvents & string>(event: K, listener: TEvents[K]): void;
  /** Ends what `on` began. */
  off<K extends keyof TEvents & string>(event: K, listener: TEvents[K]): void;
}

/** Anything that holds something until it is disposed. */
export interface Disposable {
  /** Gives everything back; a second call does nothing. */
  dispose(): void;
}

/** The error of every failed operation. It is a real `Error`. */
export interface CommunicationServicesError extends Error {
  /** HTTP-like code. */
  readonly code: number;
  /** Finer code. */
  readonly subCode: number;
  /** Name of the catalogue row, for example `anonymousJoinDisabledByPolicy`. */
  readonly reason?: string;
  /** Why, in one sentence, when the server said so. */
  readonly cause?: unknown;
  /** Who can change it, when the server said so. */
  readonly fixableBy?: FixableBy;
  /** Policy or option that decided, when one did. */
  readonly policy?: string;
}

/** Who can change what led to a refusal. */
export type FixableBy = 'you' | 'organizer' | 'administrator' | 'application' | 'operator' | 'nobody';

/** How a call ended. */
export interface CallEndReason {
  /** 0 for an ordinary end. */
  readonly code: number;
  /** Finer code. */
  readonly subCode?: number;
  /** One sentence for a person. */
  readonly message?: string;
  /** `Success`, `ExpectedError` or `UnexpectedClientError`, coarse. */
  readonly resultCategories?: string[];
  /** Extension: name of the catalogue row. */
  readonly name?: string;
  /** Extension: why, in one sentence. */
  readonly cause?: string;
  /** Extension: who can change it. */
  readonly fixableBy?: FixableBy;
  /** Extension: policy or option that decided. */
  readonly policy?: string;
}

/** Who calls. */
export interface CallerInfo {
  readonly identifier?: CommunicationIdentifierKind;
  readonly displayName?: string;
}

/** Who transferred the call. */
export interface TransferorInfo {
  readonly identifier?: CommunicationIdentifierKind;
  readonly displayName?: string;
}

/** Who said or wrote something. */
export interface ParticipantInfo {
  readonly identifier: CommunicationIdentifierKind;
  readonly displayName?: string;
  readonly hasDisplayNameChanged?: boolean;
  readonly endpointDetails?: { readonly participantId: string }[];
}

/** State of a call. */
export type CallState =
  | 'None'
  | 'Connecting'
  | 'Ringing'
  | 'EarlyMedia'
  | 'InLobby'
  | 'Connected'
  | 'LocalHold'
  | 'RemoteHold'
  | 'Disconnecting'
  | 'Disconnected';

/** Who began the call. */
export type CallDirection = 'Incoming' | 'Outgoing';

/** State of another participant. */
export type RemoteParticipantState =
  | 'Idle'
  | 'Connecting'
  | 'Ringing'
  | 'EarlyMedia'
  | 'InLobby'
  | 'Connected'
  | 'Hold'
  | 'Disconnected';

/** Role in the call. */
export type ParticipantRole = 'Unknown' | 'Attendee' | 'Presenter' | 'Organizer' | 'Co-organizer' | 'Consumer' | 'Collaborator';

/** State of the agent's connection to the server. */
export type ConnectionState = 'Connected' | 'Disconnected';

/** Why an agent has no connection. */
export type ConnectionLossReason = 'invalidToken' | 'tokenExpired' | 'connectionIssue';

/** What a video stream shows. */
export type MediaStreamType = 'Video' | 'ScreenSharing' | 'RawMedia' | 'LiveStream' | 'Audio';

/** How a video fills its view. */
export type ScalingMode = 'Stretch' | 'Crop' | 'Fit';

/** A key of a telephone. */
export type DtmfTone =
  | 'Num0'
  | 'Num1'
  | 'Num2'
  | 'Num3'
  | 'Num4'
  | 'Num5'
  | 'Num6'
  | 'Num7'
  | 'Num8'
  | 'Num9'
  | 'Star'
  | 'Pound'
  | 'A'
  | 'B'
  | 'C'
  | 'D'
  | 'Flash';

/** A logger as the Azure packages have it; anything with these four methods. */
export interface AzureLogger {
  error(...args: unknown[]): void;
  warning(...args: unknown[]): void;
  info(...args: unknown[]): void;
  verbose(...args: unknown[]): void;
}
