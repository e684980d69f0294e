// The call as applications hold it: properties, methods and events over a call session.
//
// Owns: features of the call (one object per key), the translation of session events into public ones. Not here: any behaviour of the
// call itself (session/). Invariants: methods are bound (proxies); `callEndReason` is set before the state says Disconnected, and both
// before the agent removes the call.
import type { CommunicationIdentifier } from '@azure/communication-common';

import { capabilityLost } from '../core/capabilities';
import { isIn, isOver } from '../core/call-machine';
import { Emitter } from '../core/emitter';
import type { FailureName } from '../core/errors';
import { endReasonFromError, failure, unsupported } from '../core/errors';
import type { MeetingMirror } from '../core/mirror';
import { publicRole, rawIdOf } from '../core/roles';
import type { CallSession } from '../session/call-session';
import { RemoteAudio } from '../session/remote-audio-stream';
import { CallInfoView } from './call-info';
import type { CallKind } from './enums';
import { LobbyView } from './lobby';
import type { LocalAudioStream } from './local-audio-stream';
import type { LocalVideoStream } from './local-video-stream';
import { LOCAL_VIDEO } from './local-video-stream';
import { MeetingView } from './meeting-control';
import type { CallCommon, CallEvents, HangUpOptions, MediaConstraints } from './types/call';
import type { CallDirection, CallEndReason, CallState, CallerInfo, ParticipantRole, TransferorInfo } from './types/common';
import type { CallFeature, CallFeatureFactory } from './types/feature-base';
import type { RemoteParticipant } from './types/participants';
import type { RemoteAudioStream } from './types/streams';

/** What a call is told about itself when it is made. */
export interface CallIdentity {
  readonly kind: CallKind;
  readonly isMeeting: boolean;
  readonly groupId: string | undefined;
  readonly direction?: CallDirection;
  /** Who calls, for a call that rang. */
  readonly callerInfo?: CallerInfo;
  readonly transferorInfo?: TransferorInfo | undefined;
}

/** A call of a guest or of a member. */
export class CallView<TKind extends CallKind> extends Emitter<CallEvents> implements CallCommon {
  readonly kind: TKind;
  readonly id: string;
  readonly direction: CallDirection;
  readonly isEmergencyCall = false;
  readonly info: CallInfoView;
  readonly lobby: LobbyView;
  readonly meeting: MeetingView | undefined;
  private readonly features = new Map<object, CallFeature>();
  private readonly remoteAudio: RemoteAudio;
  private readonly sentVideos = new Set<LocalVideoStream>();
  private hears = false;

  constructor(
    private readonly session: CallSession,
    private readonly identity: CallIdentity & { readonly kind: TKind },
  ) {
    super();
    this.kind = identity.kind;
    this.direction = identity.direction ?? 'Outgoing';
    this.id = session.callId;
    this.info = new CallInfoView(session, identity.groupId);
    // Absent outside of meetings, though its type does not say so.
    this.lobby = (identity.isMeeting ? new LobbyView(session) : undefined) as LobbyView;
    this.meeting = identity.isMeeting ? new MeetingView(session) : undefined;
    this.remoteAudio = new RemoteAudio(session.media.path);
    this.follow();
  }

  get callerInfo(): CallerInfo {
    return { ...this.identity.callerInfo };
  }

  get transferorInfo(): TransferorInfo | undefined {
    return this.identity.transferorInfo && { ...this.identity.transferorInfo };
  }

  get state(): CallState {
    return this.session.state;
  }

  get callEndReason(): CallEndReason | undefined {
    return this.session.endReason;
  }

  get isMuted(): boolean {
    return this.session.media.microphone.isMuted;
  }

  get isIncomingAudioMuted(): boolean {
    return this.session.media.isIncomingMuted;
  }

  get isScreenSharingOn(): boolean {
    return this.session.media.videos.isScreenOn;
  }

  get isLocalVideoStarted(): boolean {
    return this.session.media.videos.isCameraOn;
  }

  get localVideoStreams(): LocalVideoStream[] {
    return this.session.media.videos.streams;
  }

  get localAudioStreams(): LocalAudioStream[] {
    return this.session.media.microphone.streams;
  }

  get remoteAudioStreams(): RemoteAudioStream[] {
    return isIn(this.state) ? [this.remoteAudio] : [];
  }

  get remoteParticipants(): RemoteParticipant[] {
    return this.session.roster.all();
  }

  get role(): ParticipantRole {
    const { own, meeting } = this.session.mirror;
    return own ? publicRole(own.role, meeting?.kind) : 'Unknown';
  }

  feature<TFeature extends CallFeature>(factory: CallFeatureFactory<TFeature>): TFeature {
    const known = this.features.get(factory);
    if (known) return known as TFeature;
    const made = new factory.callApiCtor(this.session as never);
    this.features.set(factory, made);
    return made;
  }

  async hangUp(options: HangUpOptions = {}): Promise<void> {
    await this.session.hangUp(options.forEveryone === true);
  }

  async mute(): Promise<void> {
    this.expectLive('muteFailed');
    await this.session.media.microphone.mute();
  }

  async unmute(): Promise<void> {
    this.expectLive('unmuteFailed');
    await this.session.media.microphone.unmute();
  }

  async muteAllRemoteParticipants(): Promise<void> {
    await this.session.request({ type: 'muteParticipants', participants: [] });
  }

  muteIncomingAudio(): Promise<void> {
    return this.setIncomingMuted(true);
  }

  unmuteIncomingAudio(): Promise<void> {
    return this.setIncomingMuted(false);
  }

  sendDtmf(): Promise<void> {
    return Promise.reject(unsupported('Tones are for telephone calls.'));
  }

  async startVideo(stream: LocalVideoStream): Promise<void> {
    this.expectLive('startVideoEnded');
    await this.session.media.videos.startCamera(stream);
  }

  async stopVideo(stream: LocalVideoStream): Promise<void> {
    this.expectLive('stopVideoEnded');
    await this.session.media.videos.stopCamera(stream);
  }

  async startScreenSharing(stream?: LocalVideoStream): Promise<void> {
    this.expectLive('screenShareEnded');
    if (this.state !== 'Connected') throw failure('notConnected');
    await this.session.media.videos.startScreen(stream);
  }

  async stopScreenSharing(): Promise<void> {
    await this.session.media.videos.stopScreen();
  }

  async startAudio(stream?: LocalAudioStream): Promise<void> {
    this.expectLive();
    if (stream) await this.session.media.microphone.use(stream);
    await this.session.media.microphone.unmute();
    await this.setIncomingMuted(false);
  }

  async stopAudio(): Promise<void> {
    await this.session.media.microphone.mute();
    await this.setIncomingMuted(true);
  }

  async hold(): Promise<void> {
    if (this.state !== 'Connected' && this.state !== 'RemoteHold') throw failure('holdFailed');
    await this.session.hold().catch((error: unknown) => { throw failure('holdFailed', error); });
  }

  async resume(): Promise<void> {
    if (this.state !== 'LocalHold') throw failure('resumeFailed');
    await this.session.resume().catch((error: unknown) => { throw failure('resumeFailed', error); });
  }

  async setConstraints(constraints: MediaConstraints): Promise<void> {
    const send = constraints.video?.send;
    await this.session.media.path.limit({
      height: send?.frameHeight?.max,
      frameRate: send?.frameRate?.max,
      bitrate: send?.bitrate?.max,
    });
  }

  addParticipant(identifier: CommunicationIdentifier): RemoteParticipant {
    this.expectLive();
    if ('phoneNumber' in identifier) throw unsupported('There is no telephone here: only communication users and members are called.');
    const id = rawIdOf(identifier);
    const { roster } = this.session;
    const known = roster.get(id) ?? roster.pending(id);
    if (known) return known;
    const person = roster.invite(id);
    this.session.request({ type: 'addParticipants', participants: [id], customContext: {} }).catch((error: unknown) => {
      roster.uninvite(id, endReasonFromError(error));
    });
    return person;
  }

  async removeParticipant(identifier: CommunicationIdentifier): Promise<void> {
    await this.session.request({ type: 'removeParticipant', participant: rawIdOf(identifier) });
  }

  dispose(): void {
    void this.session.hangUp(false);
    for (const feature of this.features.values()) feature.dispose();
    this.clearListeners();
  }

  /** A camera that the call was joined with. */
  startInitialVideo(stream: LocalVideoStream): void {
    void this.session.media.videos.startCamera(stream).catch(() => undefined);
  }

  private async setIncomingMuted(muted: boolean): Promise<void> {
    this.expectLive();
    if (this.session.media.isIncomingMuted === muted) return Promise.resolve();
    this.session.media.setIncomingMuted(muted);
    this.emit('isIncomingAudioMutedChanged');
    return Promise.resolve();
  }

  private expectLive(otherwise: FailureName = 'callEnded'): void {
    if (isOver(this.state)) throw failure(otherwise);
  }

  private follow(): void {
    const { life, media } = this.session;
    life.on('state', () => {
      this.emit('stateChanged');
      // After a hold it is the same sound as before.
      const hears = isIn(this.state);
      if (hears === this.hears) return;
      this.hears = hears;
      const [added, removed] = hears ? [[this.remoteAudio], []] : [[], [this.remoteAudio]];
      this.emit('remoteAudioStreamsUpdated', { added, removed });
    });
    life.on('people', ({ people }) => {
      if (people.added.length + people.removed.length > 0) this.emit('remoteParticipantsUpdated', { ...people });
    });
    life.on('told', (previous, next) => {
      this.told(previous, next);
    });
    life.on('ended', () => {
      this.remoteAudio.close();
      for (const stream of this.sentVideos) if (stream[LOCAL_VIDEO].autoDispose) stream.dispose();
    });
    media.microphone.on('mutedChanged', () => {
      this.emit('isMutedChanged');
    });
    media.microphone.on('replaced', (change) => {
      this.emit('localAudioStreamsUpdated', change);
    });
    media.videos.on('updated', (change) => {
      const screen = [...change.added, ...change.removed].some((stream) => stream.mediaStreamType === 'ScreenSharing');
      for (const stream of change.added) this.sentVideos.add(stream);
      this.emit('localVideoStreamsUpdated', change);
      this.emit(screen ? 'isScreenSharingOnChanged' : 'isLocalVideoStartedChanged');
    });
  }

  private told(previous: MeetingMirror, next: MeetingMirror): void {
    if (next.own === undefined || previous.own === next.own) return;
    if (previous.own?.role !== next.own.role) this.emit('roleChanged');
    // The server has closed these already; cameras and screens that nobody sees are let go.
    const { videos } = this.session.media;
    if (capabilityLost(previous.own?.capabilities, next.own.capabilities, 'turnVideoOn')) videos.refused('camera');
    if (capabilityLost(previous.own?.capabilities, next.own.capabilities, 'shareScreen')) videos.refused('screen');
    const forced = next.own.muted && next.own.mutedByOther;
    const before = previous.own?.muted === true && previous.own.mutedByOther;
    if (!forced || before || this.isMuted) return;
    void this.session.media.microphone.forceMute().catch(() => undefined);
    this.emit('mutedByOthers');
  }
}
