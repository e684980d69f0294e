// Somebody else in the call, as applications see them.
import type { CommunicationIdentifierKind } from '@azure/communication-common';

import { Emitter } from '../core/emitter';
import { identifierOf, publicRole } from '../core/roles';
import type { CallEndReason, ParticipantRole, RemoteParticipantState } from '../public/types/common';
import type { EndpointDetails, RemoteParticipant, RemoteParticipantEvents } from '../public/types/participants';
import type { RemoteVideoStream } from '../public/types/streams';
import type { CallKind, Participant, Presence, PublicationState, WaitingParticipant } from '../wire';
import { RemoteVideo } from './remote-video-stream';
import type { Arrival, VideoSubscriptions } from './video-subscriptions';

const STATES: Readonly<Record<Presence, RemoteParticipantState>> = { inside: 'Connected', held: 'Hold', ringing: 'Ringing' };

/** What a participant needs of its call. */
export interface ParticipantHost {
  readonly subscriptions: VideoSubscriptions;
  mute(rawId: string): Promise<void>;
}

/** Somebody else. */
export class RemotePerson extends Emitter<RemoteParticipantEvents> implements RemoteParticipant {
  readonly identifier: CommunicationIdentifierKind;
  private reason: CallEndReason | undefined;
  private name = '';
  private renamed = false;
  private endpoint = '';
  private muted = true;
  private speaking = false;
  private reconnecting = false;
  private currentState: RemoteParticipantState = 'Idle';
  private currentRole: ParticipantRole = 'Unknown';
  private streams: RemoteVideo[] = [];

  constructor(
    readonly rawId: string,
    private readonly host: ParticipantHost,
  ) {
    super();
    this.identifier = identifierOf(rawId);
  }

  /** Only for somebody who was called and did not come. */
  get callEndReason(): CallEndReason | undefined {
    return this.reason;
  }

  get displayName(): string {
    return this.name;
  }

  get hasDisplayNameChanged(): boolean {
    return this.renamed;
  }

  get endpointDetails(): EndpointDetails[] {
    return this.endpoint === '' ? [] : [{ participantId: this.endpoint }];
  }

  get state(): RemoteParticipantState {
    return this.currentState;
  }

  get videoStreams(): RemoteVideoStream[] {
    return [...this.streams];
  }

  get isMuted(): boolean {
    return this.muted;
  }

  get isSpeaking(): boolean {
    return this.speaking;
  }

  get isReconnecting(): boolean {
    return this.reconnecting;
  }

  get role(): ParticipantRole {
    return this.currentRole;
  }

  mute(): Promise<void> {
    return this.host.mute(this.rawId);
  }

  /** Takes what the server says of a waiting person. */
  wait(waiting: WaitingParticipant): void {
    this.endpoint = waiting.session;
    this.rename(waiting.displayName);
    this.setState('InLobby');
  }

  /** Takes what the server says of a person in the meeting. */
  update(participant: Participant, kind: CallKind | undefined): void {
    this.endpoint = participant.session;
    this.rename(participant.displayName);
    const role = publicRole(participant.role, kind);
    const roleChanged = role !== this.currentRole;
    this.currentRole = role;
    this.setState(STATES[participant.presence]);
    if (roleChanged) this.emit('roleChanged');
    if (participant.muted !== this.muted) {
      this.muted = participant.muted;
      this.emit('isMutedChanged');
    }
    this.setReconnecting(participant.reconnecting);
    this.updateStreams(participant.publications);
  }

  /** Speaks, or no longer. */
  setSpeaking(speaking: boolean): void {
    if (this.speaking === speaking) return;
    this.speaking = speaking;
    this.emit('isSpeakingChanged');
  }

  /** Frames of one of the streams arrive, or no longer. */
  setArrival(publication: number, arrival: Arrival): void {
    this.streams.find((stream) => stream.id === publication)?.setArrival(arrival);
  }

  /** Is being called; the server has not said so yet. */
  connect(): void {
    this.setState('Connecting');
  }

  /** Left, or did not come. */
  leave(reason?: CallEndReason): void {
    this.reason = reason;
    this.setSpeaking(false);
    this.setReconnecting(false);
    this.updateStreams([]);
    this.setState('Disconnected');
  }

  private setState(state: RemoteParticipantState): void {
    if (this.currentState === state) return;
    this.currentState = state;
    this.emit('stateChanged');
  }

  private setReconnecting(reconnecting: boolean): void {
    if (this.reconnecting === reconnecting) return;
    this.reconnecting = reconnecting;
    this.emit('isReconnectingChanged');
  }

  private rename(name: string): void {
    if (name === this.name) return;
    const oldValue = this.name;
    this.name = name;
    if (oldValue === '') {
      // Somebody who was called has answered: nobody knew the name before.
      if (this.currentState !== 'Idle') this.emit('displayNameChanged', { newValue: name, oldValue });
      return;
    }
    this.renamed = true;
    this.emit('displayNameChanged', { newValue: name, oldValue, reason: 'editedDisplayName' });
  }

  private updateStreams(publications: readonly PublicationState[]): void {
    const videos = publications.filter(({ kind }) => kind === 'camera' || kind === 'screen');
    const added: RemoteVideo[] = [];
    const kept: RemoteVideo[] = [];
    for (const publication of videos) {
      const known = this.streams.find((stream) => stream.id === publication.id);
      if (known) kept.push(known);
      else added.push(new RemoteVideo(publication, this.host.subscriptions));
    }
    const removed = this.streams.filter((stream) => !kept.includes(stream));
    for (const stream of removed) stream.end();
    this.streams = [...kept, ...added];
    for (const stream of kept) {
      const publication = videos.find(({ id }) => id === stream.id);
      if (publication) stream.update(publication);
    }
    if (added.length > 0 || removed.length > 0) this.emit('videoStreamsUpdated', { added, removed });
  }
}
