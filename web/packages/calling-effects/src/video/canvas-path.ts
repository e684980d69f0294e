// Frames by pictures of a video element and a canvas, for browsers without streams of frames.
//
// Invariants: at most one picture is with the worker; the canvas shows processed pictures only; the video element is never in the page.
import type { FramePath } from './processor.js';
import type { FromWorker } from './protocol.js';
import type { WorkerLink } from './worker-link.js';

/** The worker's timer goes on when the page is hidden; the page's own timers would be slowed down to one a second. */
const FRAMES_PER_SECOND = 25;
/** A picture that has not come back after this many turns is given up, so that one lost answer does not stop the video. */
const LOST_AFTER_TURNS = 50;

/** The way for all other browsers. */
export class CanvasPath implements FramePath {
  readonly track: MediaStreamTrack;
  private readonly video = document.createElement('video');
  private readonly canvas = document.createElement('canvas');
  private waiting = 0;
  private stopped = false;

  constructor(
    private readonly input: MediaStreamTrack,
    private readonly link: WorkerLink,
  ) {
    const { width = 640, height = 360 } = input.getSettings();
    Object.assign(this.canvas, { width, height });
    // Some browsers capture a canvas only when its context exists.
    this.canvas.getContext('2d');
    const [track] = this.canvas.captureStream(FRAMES_PER_SECOND).getVideoTracks();
    if (!track) throw new Error('This browser captures no canvas.');
    this.track = track;
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.srcObject = new MediaStream([input]);
    void this.video.play().catch(() => undefined);
    input.addEventListener('ended', this.onEnded);
    link.send({ type: 'ask', everyMs: 1000 / FRAMES_PER_SECOND });
  }

  receive(message: FromWorker): void {
    if (message.type === 'wanted') this.take();
    if (message.type === 'picture') this.draw(message.picture);
  }

  stop(): void {
    this.stopped = true;
    this.input.removeEventListener('ended', this.onEnded);
    this.video.pause();
    this.video.srcObject = null;
    this.track.stop();
  }

  private readonly onEnded = (): void => {
    this.track.stop();
  };

  private take(): void {
    if (this.waiting > 0) {
      this.waiting = (this.waiting + 1) % LOST_AFTER_TURNS;
      return;
    }
    if (this.video.videoWidth === 0) return;
    this.waiting = 1;
    createImageBitmap(this.video).then(
      (picture) => {
        if (this.stopped) picture.close();
        else this.link.send({ type: 'picture', picture }, [picture]);
      },
      () => { this.waiting = 0; },
    );
  }

  private draw(picture: ImageBitmap): void {
    this.waiting = 0;
    const { canvas } = this;
    if (canvas.width !== picture.width || canvas.height !== picture.height) Object.assign(canvas, { width: picture.width, height: picture.height });
    canvas.getContext('2d')?.drawImage(picture, 0, 0);
    picture.close();
  }
}
