/** The others on the stage: one tile a participant, one more for a shared screen. Every subscription and view has an owner that ends it. */
import { VideoStreamRenderer } from '@anteroom/calling';
import type { Call, RemoteParticipant, RemoteVideoStream } from '@anteroom/calling';

import { byId, icon } from './dom.js';

export class Tiles {
  private readonly people = new Map<RemoteParticipant, Person>();
  private readonly updated = (change: { added: RemoteParticipant[]; removed: RemoteParticipant[] }): void => {
    change.removed.forEach((participant) => {
      this.remove(participant);
    });
    change.added.forEach((participant) => {
      this.add(participant);
    });
  };

  constructor(private readonly call: Call) {
    call.on('remoteParticipantsUpdated', this.updated);
    call.remoteParticipants.forEach((participant) => {
      this.add(participant);
    });
    layout();
  }

  end(): void {
    this.call.off('remoteParticipantsUpdated', this.updated);
    [...this.people.keys()].forEach((participant) => {
      this.remove(participant);
    });
  }

  private add(participant: RemoteParticipant): void {
    if (!this.people.has(participant)) this.people.set(participant, new Person(participant));
  }

  private remove(participant: RemoteParticipant): void {
    this.people.get(participant)?.end();
    this.people.delete(participant);
    layout();
  }
}

/** One participant: a tile, and the views of the streams. */
class Person {
  private readonly tile = tileElement();
  private readonly label = document.createElement('span');
  private readonly mark = document.createElement('span');
  private readonly avatar = document.createElement('div');
  private readonly streams = new Map<RemoteVideoStream, Stream>();
  private readonly ends: (() => void)[] = [];

  constructor(private readonly participant: RemoteParticipant) {
    this.avatar.className = 'avatar';
    const bottom = document.createElement('div');
    bottom.className = 'label';
    bottom.append(this.mark, this.label);
    this.tile.append(this.avatar, bottom);

    const refresh = (): void => {
      this.refresh();
    };
    for (const event of ['stateChanged', 'isMutedChanged', 'isSpeakingChanged'] as const) {
      participant.on(event, refresh);
      this.ends.push(() => {
        participant.off(event, refresh);
      });
    }
    participant.on('displayNameChanged', refresh);
    const streamsUpdated = (change: { added: RemoteVideoStream[]; removed: RemoteVideoStream[] }): void => {
      change.removed.forEach((stream) => {
        this.streams.get(stream)?.end();
        this.streams.delete(stream);
      });
      change.added.forEach((stream) => {
        this.watch(stream);
      });
    };
    participant.on('videoStreamsUpdated', streamsUpdated);
    this.ends.push(() => {
      participant.off('displayNameChanged', refresh);
      participant.off('videoStreamsUpdated', streamsUpdated);
    });
    participant.videoStreams.forEach((stream) => {
      this.watch(stream);
    });
    this.refresh();
  }

  end(): void {
    this.ends.forEach((end) => {
      end();
    });
    this.streams.forEach((stream) => {
      stream.end();
    });
    this.tile.remove();
  }

  private watch(stream: RemoteVideoStream): void {
    if (!this.streams.has(stream)) this.streams.set(stream, new Stream(stream, this.tile));
  }

  private refresh(): void {
    const { displayName, isMuted, isSpeaking, state } = this.participant;
    const name = displayName === undefined || displayName === '' ? 'Somebody' : displayName;
    this.label.textContent = name;
    this.avatar.textContent = initials(name);
    this.mark.replaceChildren(...(isMuted ? [icon('muted', 16)] : []));
    this.mark.title = isMuted ? 'Muted' : '';
    this.tile.classList.toggle('speaking', isSpeaking && !isMuted);
    // Whoever waits, comes or goes is not on the stage.
    const present = state === 'Connected' || state === 'Hold';
    if (present !== this.tile.isConnected) {
      if (present) byId('tiles', HTMLElement).append(this.tile);
      else this.tile.remove();
      layout();
    }
  }
}

/** One stream of one participant; shown while it is available. */
class Stream {
  private renderer: VideoStreamRenderer | undefined;
  private place: HTMLElement | undefined;
  private readonly changed = (): void => {
    void this.refresh();
  };

  constructor(
    private readonly stream: RemoteVideoStream,
    private readonly tile: HTMLElement,
  ) {
    stream.on('isAvailableChanged', this.changed);
    this.changed();
  }

  end(): void {
    this.stream.off('isAvailableChanged', this.changed);
    this.hide();
  }

  private async refresh(): Promise<void> {
    if (!this.stream.isAvailable) {
      this.hide();
      return;
    }
    if (this.renderer !== undefined) return;
    const renderer = new VideoStreamRenderer(this.stream);
    this.renderer = renderer;
    const isScreen = this.stream.mediaStreamType === 'ScreenSharing';
    try {
      const view = await renderer.createView({ scalingMode: isScreen ? 'Fit' : 'Crop' });
      if (this.renderer !== renderer) return;
      this.place = isScreen ? screenTile() : videoPlace(this.tile);
      this.place.dataset['testid'] = 'visit-remote-video';
      this.place.append(view.target);
      layout();
    } catch {
      // Gone again before it could be shown; its next change tries anew.
      if (this.renderer === renderer) this.hide();
    }
  }

  private hide(): void {
    this.renderer?.dispose();
    this.renderer = undefined;
    this.place?.remove();
    this.place = undefined;
    layout();
  }
}

function tileElement(): HTMLElement {
  const tile = document.createElement('div');
  tile.className = 'tile';
  tile.dataset['testid'] = 'visit-tile';
  return tile;
}

function screenTile(): HTMLElement {
  const tile = document.createElement('div');
  tile.className = 'tile screen';
  byId('tiles', HTMLElement).prepend(tile);
  return tile;
}

function videoPlace(tile: HTMLElement): HTMLElement {
  const place = document.createElement('div');
  place.className = 'video';
  tile.querySelector('.label')?.before(place);
  return place;
}

function initials(name: string): string {
  const letters = name.split(/\s+/).flatMap((word) => [...word].slice(0, 1));
  return (letters.length > 1 ? [letters[0], letters.at(-1)] : letters).join('').toUpperCase();
}

/** What follows from who and what is on the stage. */
function layout(): void {
  const tiles = byId('tiles', HTMLElement);
  tiles.classList.toggle('with-screen', tiles.querySelector('.screen') !== null);
  byId('alone', HTMLElement).hidden = tiles.childElementCount > 0;
}
