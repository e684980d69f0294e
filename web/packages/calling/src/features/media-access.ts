// Media access: what those who run the meeting permit attendees to send. The server mutes, stops and keeps off; the own person's access is
// in the capabilities. Everybody's access is told as events after the roster: all at the join, then newcomers and changes.
import type { CommunicationIdentifier } from '@azure/communication-common';

import { failure } from '../core/errors';
import type { MeetingMirror } from '../core/mirror';
import { identifierOf, rawIdOf } from '../core/roles';
import type {
  MediaAccess,
  MediaAccessCallFeature,
  MediaAccessChangedListener,
  MeetingMediaAccess,
  MeetingMediaAccessChangedListener,
} from '../public/types/features-meeting';
import type { CallContext } from '../session/context';
import type { AccessKind, Participant, MediaAccess as WireAccess } from '../wire';
import { Feature } from './feature';

type Events = { mediaAccessChanged: MediaAccessChangedListener; meetingMediaAccessChanged: MeetingMediaAccessChangedListener };

/** Permits and forbids microphones and cameras of attendees and tells who may use them. */
export class MediaAccessOfCall extends Feature<Events> implements MediaAccessCallFeature {
  readonly name = 'MediaAccess';

  constructor(context: CallContext) {
    super(context);
    this.follow('mirrored', (previous, next) => {
      this.compare(previous, next);
    });
  }

  permitAudio(participants: CommunicationIdentifier[]): Promise<void> {
    return this.change('audio', participants, true);
  }

  forbidAudio(participants: CommunicationIdentifier[]): Promise<void> {
    return this.change('audio', participants, false);
  }

  permitVideo(participants: CommunicationIdentifier[]): Promise<void> {
    return this.change('video', participants, true);
  }

  forbidVideo(participants: CommunicationIdentifier[]): Promise<void> {
    return this.change('video', participants, false);
  }

  permitOthersAudio(): Promise<void> {
    return this.changeAll('audio', true);
  }

  forbidOthersAudio(): Promise<void> {
    return this.changeAll('audio', false);
  }

  permitOthersVideo(): Promise<void> {
    return this.changeAll('video', true);
  }

  forbidOthersVideo(): Promise<void> {
    return this.changeAll('video', false);
  }

  getAllOthersMediaAccess(): MediaAccess[] {
    return othersOf(this.context.mirror).map(accessOf);
  }

  getMeetingMediaAccess(): MeetingMediaAccess {
    return meetingAccess(this.context.mirror.meeting?.access);
  }

  private async change(kind: AccessKind, participants: CommunicationIdentifier[], permitted: boolean): Promise<void> {
    this.mustBeConnected();
    // On the wire an empty list means all attendees.
    if (participants.length === 0) return;
    await this.context.request({ type: 'setMediaAccess', kind, participants: participants.map(rawIdOf), permitted });
  }

  private async changeAll(kind: AccessKind, permitted: boolean): Promise<void> {
    this.mustBeConnected();
    await this.context.request({ type: 'setMediaAccess', kind, participants: [], permitted });
  }

  private mustBeConnected(): void {
    if (this.context.mirror.phase !== 'in') throw failure('mediaAccessNotConnected');
  }

  private compare(previous: MeetingMirror, next: MeetingMirror): void {
    if (next.meeting !== undefined && !same(previous.meeting?.access, next.meeting.access)) {
      this.emit('meetingMediaAccessChanged', { meetingMediaAccess: meetingAccess(next.meeting.access) });
    }
    if (previous.participants === next.participants) return;
    const changed = othersOf(next).filter(({ id, access }) => !same(previous.participants.get(id)?.access, access));
    if (changed.length > 0) this.emit('mediaAccessChanged', { mediaAccesses: changed.map(accessOf) });
  }
}

function othersOf({ own, participants }: MeetingMirror): Participant[] {
  return [...participants.values()].filter(({ id }) => id !== own?.id);
}

function accessOf({ id, access }: Participant): MediaAccess {
  return { participant: identifierOf(id), ...meetingAccess(access) };
}

function meetingAccess(access: WireAccess = { audio: true, video: true }): MeetingMediaAccess {
  return { isAudioPermitted: access.audio, isVideoPermitted: access.video };
}

function same(a: WireAccess | undefined, b: WireAccess): boolean {
  return a?.audio === b.audio && a.video === b.video;
}
