// The together view: who sits where, and one video of everybody together.
//
// Owns: the seats as told, the size of the scene, the stream. Not here: the composition (together-stream.ts, together-composer.ts), who may
// begin it or see it (the server: whoever may not is told of no seats). The view ends for everybody by `call.meeting.setTogether(false)`.
import type { Rect, Size } from '../core/scene';
import { SCENE, sceneOf, seatIn } from '../core/scene';
import type {
  TogetherModeCallFeature,
  TogetherModeListener,
  TogetherModeSceneSize,
  TogetherModeSeatingMap,
  TogetherModeVideoStream,
} from '../public/types/features-meeting';
import type { Viewable } from '../public/viewable';
import { VIEWABLE } from '../public/viewable';
import type { CallContext } from '../session/context';
import type { Seat } from '../wire';
import { Feature } from './feature';
import type { Scene } from './together-composer';
import { TogetherStream } from './together-stream';

type Events = {
  togetherModeStreamsUpdated: (args: { added: TogetherModeVideoStream[]; removed: TogetherModeVideoStream[] }) => void;
  togetherModeSceneUpdated: TogetherModeListener;
  togetherModeSeatingUpdated: TogetherModeListener;
};

/** Seats, scene and stream of one call. */
export class TogetherMode extends Feature<Events> implements TogetherModeCallFeature {
  readonly name = 'TogetherMode';
  private size: Size = SCENE;
  private seats: readonly Seat[] | null = null;
  private stream: TogetherStream | undefined;
  private endCameras: () => void = () => undefined;

  constructor(context: CallContext) {
    super(context);
    this.follow('mirrored', () => {
      this.take();
      this.stream?.look();
    });
    this.follow('over', () => { this.end(); });
    // Whoever asks for the feature late is told what there is as well.
    queueMicrotask(() => { this.take(); });
  }

  get togetherModeStream(): TogetherModeVideoStream[] {
    return this.stream ? [this.stream] : [];
  }

  get togetherModeSeatingMap(): TogetherModeSeatingMap {
    return new Map((this.seats ?? []).map((seat): [string, Rect] => [seat.participant, { ...seatIn(this.size, seat) }]));
  }

  get sceneSize(): TogetherModeSceneSize {
    return { ...this.size };
  }

  /** The size in pixels at which the scene is composed and seats are told; what is no size changes nothing. */
  set sceneSize(wanted: TogetherModeSceneSize | undefined) {
    const size = sceneOf(wanted);
    if (!size || (size.width === this.size.width && size.height === this.size.height)) return;
    this.size = size;
    if (!this.stream) return;
    this.stream.resized();
    this.emit('togetherModeSceneUpdated', this.togetherModeSeatingMap);
  }

  async start(): Promise<void> {
    await this.context.request({ type: 'setTogether', active: true });
  }

  override dispose(): void {
    this.end();
    super.dispose();
  }

  private take(): void {
    const { phase, meeting } = this.context.mirror;
    const seats = (!this.isOver && phase === 'in' && meeting?.together) || null;
    if (JSON.stringify(seats) === JSON.stringify(this.seats)) return;
    this.seats = seats;
    if (seats === null) {
      this.end();
      return;
    }
    if (!this.stream) {
      const { platform } = this.context;
      this.stream = new TogetherStream({ after: (ms, action) => platform.after(ms, action), scene: () => this.scene() });
      this.followCameras(this.stream);
      this.emit('togetherModeStreamsUpdated', { added: [this.stream], removed: [] });
    }
    this.emit('togetherModeSeatingUpdated', this.togetherModeSeatingMap);
  }

  private end(): void {
    const { stream } = this;
    this.seats = null;
    if (!stream) return;
    this.stream = undefined;
    this.endCameras();
    stream.end();
    this.emit('togetherModeStreamsUpdated', { added: [], removed: [stream] });
  }

  /** The own camera is let go in the moment in which it is switched off. */
  private followCameras(stream: TogetherStream): void {
    const own = this.context.siblings.own();
    const look = (): void => { stream.look(); };
    own?.on('localVideoStreamsUpdated', look);
    this.endCameras = () => { own?.off('localVideoStreamsUpdated', look); };
  }

  private scene(): Scene {
    const { mirror } = this.context;
    return {
      size: this.size,
      seats: this.seats ?? [],
      picture: (rawId) => this.picture(rawId),
      name: (rawId) => mirror.participants.get(rawId)?.displayName ?? '',
    };
  }

  private picture(rawId: string): Viewable | undefined {
    if (rawId === this.context.mirror.own?.id) {
      const own = this.context.siblings.own()?.localVideoStreams.find(({ mediaStreamType }) => mediaStreamType !== 'ScreenSharing');
      return viewable(own);
    }
    const videos = this.context.participant(rawId)?.videoStreams;
    return viewable(videos?.find(({ mediaStreamType, isAvailable }) => mediaStreamType === 'Video' && isAvailable));
  }
}

function viewable(stream: object | undefined): Viewable | undefined {
  return (stream as { [VIEWABLE]?: Viewable } | undefined)?.[VIEWABLE];
}
