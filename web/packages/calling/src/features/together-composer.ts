// Composes the together view on a canvas: a room, and everybody's picture cut out in their seat. Loaded when the view is first shown.
//
// Owns: the canvas, one video element and one lease for each person who has a picture. Invariants: it asks for pictures at the size of their
// seats, and for none of somebody who does not sit; a picture that cannot be shown is asked for again ever more rarely; `close` leaves nothing.
// While nobody can see it nothing is drawn, and its leases say that nobody sees theirs. On a page in the background that is seen all the same
// (picture-in-picture) it draws as often as the browser lets it.
import { stillOf } from '../adapters/still';
import type { Size } from '../core/scene';
import { cover, initials, seatIn } from '../core/scene';
import type { Viewable, ViewLease } from '../public/viewable';
import type { Seat } from '../wire';

/** Pictures in a second; twenty are enough for faces, and leave the processor to the decoders. */
const FRAMES = 20;
/** Sources are looked up again after so many pictures: what is not told by the roster (`look`) is found then. */
const LOOK_EVERY = 5;
/** A picture that could not be had is asked for again after this time, then after twice as long, and so on up to the most. */
const AGAIN_MS = 500;
const MOST_AGAIN_MS = 30_000;
const COLOURS = ['#4f6bed', '#0b6a0b', '#8e562e', '#8764b8', '#005b70', '#a4262c'] as const;

/** What is to be shown now. */
export interface Scene {
  readonly size: Size;
  readonly seats: readonly Seat[];
  /** The picture of somebody, nothing while there is none. */
  picture(rawId: string): Viewable | undefined;
  /** Name of somebody, for those without a picture. */
  name(rawId: string): string;
}

/** What the composer needs of its surroundings. */
export interface ComposerHost {
  after(ms: number, action: () => void): () => void;
  scene(): Scene;
  /** The first picture was drawn. */
  onDrawn(): void;
}

interface Source {
  readonly of: Viewable;
  readonly video: HTMLVideoElement;
  lease: ViewLease | undefined;
  /** Its last picture, from when nobody saw it until it comes again. */
  still: HTMLCanvasElement | undefined;
  closed: boolean;
  asked: string;
  /** Ends the wait for another try. */
  cancel: () => void;
}

/** A running composition. */
export class Composer {
  readonly stream: MediaStream;
  private readonly canvas = document.createElement('canvas');
  private readonly pen: CanvasRenderingContext2D;
  private readonly sources = new Map<string, Source>();
  /** Tries that failed one after the other, by the picture. */
  private readonly failures = new WeakMap<Viewable, number>();
  private cancel: () => void = () => undefined;
  private drawn = 0;
  private seen = true;

  constructor(private readonly host: ComposerHost) {
    const pen = this.canvas.getContext('2d', { alpha: false });
    if (pen === null) throw new Error('this browser draws no canvas');
    this.pen = pen;
    this.stream = this.canvas.captureStream(FRAMES);
    this.draw();
  }

  /** Ends the composition and everything that it asked for. */
  close(): void {
    this.cancel();
    for (const track of this.stream.getTracks()) track.stop();
    for (const id of [...this.sources.keys()]) this.release(id);
  }

  /** People or cameras changed: what is gone is given back now, not with the next picture, which a page in the background draws late. */
  look(): void {
    this.update(this.host.scene());
  }

  /** Somebody can see it, or nobody. */
  sighted(seen: boolean): void {
    if (this.seen === seen) return;
    this.seen = seen;
    for (const { lease } of this.sources.values()) lease?.sighted(seen);
    this.cancel();
    if (seen) this.draw();
  }

  private draw(): void {
    const scene = this.host.scene();
    if (this.canvas.width !== scene.size.width) this.canvas.width = scene.size.width;
    if (this.canvas.height !== scene.size.height) this.canvas.height = scene.size.height;
    if (this.drawn % LOOK_EVERY === 0) this.update(scene);
    this.drawRoom(scene.size);
    for (const seat of scene.seats) this.drawSeat(scene, seat);
    if (this.drawn === 0) this.host.onDrawn();
    this.drawn += 1;
    this.cancel = this.host.after(1000 / FRAMES, () => { this.draw(); });
  }

  /** Takes up and gives back pictures as people sit down, stand up and turn cameras on and off. */
  private update({ size, seats, picture }: Scene): void {
    const wanted = new Map(seats.map((seat) => [seat.participant, seat]));
    for (const [id, source] of this.sources) if (!wanted.has(id) || picture(id) !== source.of) this.release(id);
    for (const [id, seat] of wanted) {
      const of = picture(id);
      if (of === undefined) continue;
      const source = this.sources.get(id) ?? this.take(id, of);
      const { width, height } = seatIn(size, seat);
      const asked = `${String(width)}x${String(height)}`;
      if (source.lease === undefined || source.asked === asked) continue;
      source.asked = asked;
      source.lease.resized(width, height);
    }
  }

  private take(id: string, of: Viewable): Source {
    const video = document.createElement('video');
    video.muted = true;
    video.playsInline = true;
    const source: Source = { of, video, lease: undefined, still: undefined, closed: false, asked: '', cancel: () => undefined };
    this.sources.set(id, source);
    const show = (media: MediaStream | null): void => {
      video.srcObject = media;
      if (!media) source.still = undefined;
      if (media) void Promise.resolve(video.play()).catch(() => undefined);
    };
    const rest = (): void => {
      source.still = stillOf(video) ?? source.still;
      video.srcObject = null;
    };
    // A picture that cannot be shown just now is asked for again later; until then there is none.
    of.attach({ show, rest }).then(
      (lease) => {
        this.failures.delete(of);
        if (source.closed) {
          lease.close();
          return;
        }
        source.lease = lease;
        if (!this.seen) lease.sighted(false);
      },
      () => {
        if (source.closed) return;
        const failed = this.failures.get(of) ?? 0;
        this.failures.set(of, failed + 1);
        // The place is kept until then, so that nobody asks earlier.
        source.cancel = this.host.after(Math.min(AGAIN_MS * 2 ** failed, MOST_AGAIN_MS), () => {
          if (this.sources.get(id) === source) this.sources.delete(id);
        });
      },
    );
    return source;
  }

  private release(id: string): void {
    const source = this.sources.get(id);
    if (!source) return;
    this.sources.delete(id);
    source.closed = true;
    source.cancel();
    source.lease?.close();
    source.video.srcObject = null;
  }

  private drawRoom({ width, height }: Size): void {
    const { pen } = this;
    const light = pen.createLinearGradient(0, 0, 0, height);
    light.addColorStop(0, '#31425c');
    light.addColorStop(0.55, '#5b6f8f');
    light.addColorStop(0.56, '#6e5947');
    light.addColorStop(1, '#3d3029');
    pen.fillStyle = light;
    pen.fillRect(0, 0, width, height);
  }

  private drawSeat(scene: Scene, seat: Seat): void {
    const { pen } = this;
    const rect = seatIn(scene.size, seat);
    const corner = Math.min(rect.width, rect.height) * 0.18;
    pen.save();
    pen.beginPath();
    pen.roundRect(rect.left, rect.top, rect.width, rect.height, [corner, corner, corner / 3, corner / 3]);
    pen.clip();
    const picture = pictureOf(this.sources.get(seat.participant));
    if (picture) {
      const part = cover(picture.size, rect);
      pen.drawImage(picture.image, part.left, part.top, part.width, part.height, rect.left, rect.top, rect.width, rect.height);
    } else {
      pen.fillStyle = colourOf(seat.participant);
      pen.fillRect(rect.left, rect.top, rect.width, rect.height);
      pen.fillStyle = '#ffffff';
      pen.font = `600 ${String(Math.round(Math.min(rect.width, rect.height) * 0.35))}px system-ui, sans-serif`;
      pen.textAlign = 'center';
      pen.textBaseline = 'middle';
      pen.fillText(initials(scene.name(seat.participant)), rect.left + rect.width / 2, rect.top + rect.height / 2);
    }
    pen.restore();
  }
}

/** What there is to draw of a source. */
function pictureOf(source: Source | undefined): { image: HTMLVideoElement | HTMLCanvasElement; size: Size } | undefined {
  const { video, still } = source ?? {};
  if (video?.srcObject && video.videoWidth > 0) return { image: video, size: { width: video.videoWidth, height: video.videoHeight } };
  return still && { image: still, size: { width: still.width, height: still.height } };
}

function colourOf(id: string): string {
  let sum = 0;
  for (const letter of id) sum = (sum + (letter.codePointAt(0) ?? 0)) % COLOURS.length;
  return COLOURS[sum] ?? COLOURS[0];
}
