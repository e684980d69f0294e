// Processes one camera: the worker composes, and this file brings frames to it and makes a track of what comes back.
//
// Two ways: streams of frames that the worker reads and writes by itself where the browser has them; otherwise pictures taken of a video
// element whenever the worker asks and drawn into a canvas. In both the worker sets the pace, so a hidden page goes on sending.
// Invariants: the track carries processed pictures only; `stop` leaves no worker, timer, element or track behind. The given track is
// never stopped here. Tests: the effects' browser test (tests/e2e/src/sdk/effects.spec.ts).
import type { MediaEffectReport } from '../contract.js';
import { EffectError } from '../errors.js';
import { hasTrackStreams } from '../support.js';
import { CanvasPath } from './canvas-path.js';
import { loadPicture } from './picture.js';
import type { Background, FromWorker, LoadedBackground } from './protocol.js';
import { StreamsPath } from './streams-path.js';
import { prepareVideo, WorkerLink } from './worker-link.js';

export { prepareVideo };

/** How long the start waits for the first picture. A camera that sends none (covered by its own switch) is started without. */
const FIRST_MS = 4_000;

/** A way of frames to the worker and back. */
export interface FramePath {
  readonly track: MediaStreamTrack;
  receive(message: FromWorker): void;
  stop(): void;
}

/** A running background effect. */
export class BackgroundProcessor {
  private stopped = false;
  private asked = 0;
  private shown = 0;

  private constructor(
    private readonly link: WorkerLink,
    private readonly path: FramePath,
  ) {}

  /** The processed track. */
  get track(): MediaStreamTrack {
    return this.path.track;
  }

  /** Starts; resolves when the first processed picture is out. Fails with an EffectError and leaves nothing running. */
  static async start(track: MediaStreamTrack, background: Background, report: MediaEffectReport): Promise<BackgroundProcessor> {
    const loaded = await loadBackground(background);
    const link = await WorkerLink.start();
    show(link, loaded);
    let path: FramePath | undefined;
    try {
      path = hasTrackStreams() ? new StreamsPath(track, link) : new CanvasPath(track, link);
      const processor = new BackgroundProcessor(link, path);
      await processor.firstPicture(report);
      return processor;
    } catch (error) {
      path?.stop();
      link.end();
      throw error;
    }
  }

  /** Shows another background; fails when its picture cannot be loaded, and the former one stays. */
  async change(background: Background): Promise<void> {
    this.asked += 1;
    const turn = this.asked;
    const loaded = await loadBackground(background);
    // A picture that took long does not take the place of what was asked for after it.
    if (this.stopped || turn < this.shown) return;
    this.shown = turn;
    show(this.link, loaded);
  }

  /** Ends the processing. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.path.stop();
    this.link.end();
  }

  private firstPicture(report: MediaEffectReport): Promise<void> {
    return new Promise((resolve, reject) => {
      let started = false;
      const begun = (): void => {
        started = true;
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(begun, FIRST_MS);
      this.link.onMessage = (message) => {
        this.path.receive(message);
        if (message.type === 'first') begun();
        else if (message.type === 'pace') report.pace(message.framesPerSecond);
        else if (message.type === 'failed') {
          const text = `The picture can no longer be processed; stop the effect and start it again (${message.message}).`;
          clearTimeout(timer);
          if (started) report.failed({ code: 'FailedToProcess', message: text });
          else reject(new EffectError('FailedToProcess', text));
        }
      };
    });
  }
}

async function loadBackground(background: Background): Promise<LoadedBackground> {
  return background.kind === 'blur' ? background : { kind: 'picture', picture: await loadPicture(background.url) };
}

function show(link: WorkerLink, background: LoadedBackground): void {
  link.send({ type: 'background', background }, background.kind === 'picture' ? [background.picture] : []);
}
