// Whether a person can see an element of the page: at some size, on the screen or about to be scrolled there, on a page that is not hidden.
//
// Owns: the intersection observer, the listeners of the page and of picture-in-picture. Not here: what follows from it
// (session/video-subscriptions.ts), the element's size (public/video-stream-renderer.ts).
// Invariants: what cannot be known counts as seen: before the browser said anything, without `IntersectionObserver`, outside of any page (an
// application may draw the element's pictures elsewhere), and on a hidden page of a browser that does not tell of its picture-in-picture.
// After `close` nothing listens. Tests: test/sight.test.ts, tests/e2e/src/sdk/sight.spec.ts.

/** Margins move in such steps, so that a resize does not make an observer for each pixel. */
const STEP = 64;
/** No tile is so large that more would have to be ready around the screen. */
const MOST = 1_024;

const margin = (pixels: number): string => `${String(Math.min(MOST, Math.ceil(pixels / STEP) * STEP))}px`;

/** Watches one element. */
export class Sight {
  private observer: IntersectionObserver | undefined;
  private page: Document | undefined;
  private margins = '';
  private near = true;
  private seen = true;
  private watching = typeof IntersectionObserver !== 'undefined';

  constructor(
    private readonly target: HTMLElement,
    private readonly video: HTMLVideoElement,
    private readonly tell: (seen: boolean) => void,
  ) {
    video.addEventListener('enterpictureinpicture', this.look);
    video.addEventListener('leavepictureinpicture', this.look);
    this.observe();
  }

  /** The element has another size, or was taken out of the page or put into one. */
  moved(): void {
    this.observe();
    this.look();
  }

  /** Ends it. */
  close(): void {
    this.watching = false;
    this.observer?.disconnect();
    this.page?.removeEventListener('visibilitychange', this.look);
    this.video.removeEventListener('enterpictureinpicture', this.look);
    this.video.removeEventListener('leavepictureinpicture', this.look);
  }

  /** Observes with one tile around the screen, so that what is scrolled into it runs already; in the window that the element is in now. */
  private observe(): void {
    if (!this.watching) return;
    const page = this.target.ownerDocument;
    const around = `${margin(this.target.clientHeight)} ${margin(this.target.clientWidth)}`;
    if (page === this.page && around === this.margins) return;
    if (page !== this.page) {
      this.page?.removeEventListener('visibilitychange', this.look);
      page.addEventListener('visibilitychange', this.look);
    }
    this.page = page;
    this.margins = around;
    this.observer?.disconnect();
    const Observer = (page.defaultView as (Window & { IntersectionObserver?: typeof IntersectionObserver }) | null)?.IntersectionObserver ?? IntersectionObserver;
    // The first margin is around the screen, the second around boxes that scroll within it.
    this.observer = new Observer((entries) => {
      const last = entries.at(-1);
      if (!last) return;
      this.near = last.isIntersecting;
      this.look();
    }, { rootMargin: around, scrollMargin: around });
    this.observer.observe(this.target);
  }

  private readonly look = (): void => {
    if (!this.watching || this.isSeen() === this.seen) return;
    this.seen = !this.seen;
    this.tell(this.seen);
  };

  private isSeen(): boolean {
    const { target, video } = this;
    const page = target.ownerDocument;
    if (!target.isConnected || page.pictureInPictureElement === video) return true;
    if (page.visibilityState === 'hidden' && 'pictureInPictureElement' in page) return false;
    return this.near && target.clientWidth > 0 && target.clientHeight > 0;
  }
}
