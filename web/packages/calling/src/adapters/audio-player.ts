// Plays the audio slots of a call: one hidden element per slot, on the chosen speaker.
//
// Invariant: when the browser forbids playing before the person did something, playing begins with the next click or key.
import type { AudioPlayer, ReceiveSlot } from './platform';

type SinkElement = HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> };

const GESTURES = ['pointerdown', 'keydown', 'touchend'] as const;

/** Plays in the page. */
export class BrowserAudioPlayer implements AudioPlayer {
  private elements: SinkElement[] = [];
  private muted = false;
  private speaker = '';
  private waiting = false;

  play(slots: readonly ReceiveSlot[]): void {
    this.clear();
    if (typeof document === 'undefined') return;
    this.elements = slots.map(({ mid, track }) => {
      const element: SinkElement = document.createElement('audio');
      element.autoplay = true;
      element.muted = this.muted;
      element.hidden = true;
      element.dataset['anteroomSlot'] = mid;
      element.srcObject = new MediaStream([track]);
      document.body.append(element);
      return element;
    });
    void this.setSpeaker(this.speaker).catch(() => undefined);
    for (const element of this.elements) this.start(element);
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
    for (const element of this.elements) element.muted = muted;
  }

  async setSpeaker(deviceId: string): Promise<void> {
    this.speaker = deviceId;
    await Promise.all(this.elements.map((element) => element.setSinkId?.(deviceId)));
  }

  close(): void {
    this.clear();
    this.forgetGestures();
  }

  private start(element: HTMLAudioElement): void {
    void Promise.resolve(element.play()).catch((error: unknown) => {
      if (error instanceof Error && error.name === 'NotAllowedError') this.awaitGesture();
    });
  }

  private readonly onGesture = (): void => {
    this.forgetGestures();
    for (const element of this.elements) this.start(element);
  };

  private awaitGesture(): void {
    if (this.waiting) return;
    this.waiting = true;
    for (const gesture of GESTURES) document.addEventListener(gesture, this.onGesture, { capture: true });
  }

  private forgetGestures(): void {
    if (!this.waiting) return;
    this.waiting = false;
    for (const gesture of GESTURES) document.removeEventListener(gesture, this.onGesture, { capture: true });
  }

  private clear(): void {
    for (const element of this.elements) {
      element.srcObject = null;
      element.remove();
    }
    this.elements = [];
  }
}
