// Other people in the call, and the lobby.
import type { CommunicationIdentifier, CommunicationIdentifierKind } from '@azure/communication-common';

import type {
  CallEndReason,
  CollectionUpdatedEvent,
  EventSource,
  ParticipantRole,
  PropertyChangedEvent,
  PropertyChangedEventWithArgs,
  RemoteParticipantState,
} from './common';
import type { AdmitLobbyParticipantOptions, RejectLobbyParticipantOptions } from './settings';
import type { RemoteVideoStream } from './streams';

/** One connection of a participant. */
export interface EndpointDetails {
  readonly participantId: string;
}

/** How a display name changed. */
export interface DisplayNameChangedEventArgs {
  readonly newValue?: string;
  readonly oldValue?: string;
  readonly reason?: 'editedDisplayName';
}

/** Events of a remote participant. */
export interface RemoteParticipantEvents {
  stateChanged: PropertyChangedEvent;
  isMutedChanged: PropertyChangedEvent;
  displayNameChanged: PropertyChangedEventWithArgs<DisplayNameChangedEventArgs>;
  roleChanged: PropertyChangedEvent;
  isSpeakingChanged: PropertyChangedEvent;
  videoStreamsUpdated: CollectionUpdatedEvent<RemoteVideoStream>;
  /** Extension beyond the established surface. */
  isReconnectingChanged: PropertyChangedEvent;
}

/** Somebody else in the call. */
export interface RemoteParticipant extends EventSource<RemoteParticipantEvents> {
  readonly identifier: CommunicationIdentifierKind;
  readonly displayName?: string;
  readonly hasDisplayNameChanged?: boolean;
  readonly endpointDetails: ReadonlyArray<EndpointDetails>;
  readonly state: RemoteParticipantState;
  readonly callEndReason?: CallEndReason;
  readonly videoStreams: ReadonlyArray<RemoteVideoStream>;
  readonly isMuted: boolean;
  readonly isSpeaking: boolean;
  readonly role: ParticipantRole;
  /** Extension beyond the established surface: whether this person's connection is lost and may come back. */
  readonly isReconnecting: boolean;
  /** Mutes this person; refused without the capability `muteOthers`. */
  mute(): Promise<void>;
}

/** What became of `admitAll`. */
export interface AdmitAllResult {
  readonly successCount: number;
  readonly failureCount: number;
}

/** Those who wait to be let in; empty unless the own person may admit. */
export interface Lobby extends EventSource<{ lobbyParticipantsUpdated: CollectionUpdatedEvent<RemoteParticipant> }> {
  readonly participants: ReadonlyArray<RemoteParticipant>;
  /** Lets one in. */
  admit(identifier: CommunicationIdentifier, options?: AdmitLobbyParticipantOptions): Promise<void>;
  /** Turns one away. */
  reject(identifier: CommunicationIdentifier, options?: RejectLobbyParticipantOptions): Promise<void>;
  /** Lets everybody in. */
  admitAll(options?: AdmitLobbyParticipantOptions): Promise<AdmitAllResult>;
}
/** The same under its longer name. */
export type LobbyCallFeature = Lobby;
