// The picture that a video shows now, for the time in which nothing comes. Tests: test/sight.test.ts.

/** A still is looked at for the blink of an eye; it need not be larger. */
const LARGEST = 1_280;

/** A copy of the picture that the video shows; nothing while it shows none. */
export function stillOf(video: HTMLVideoElement): HTMLCanvasElement | undefined {
  const { videoWidth, videoHeight, readyState } = video;
  if (videoWidth === 0 || videoHeight === 0 || readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return undefined;
  const scale = Math.min(1, LARGEST / Math.max(videoWidth, videoHeight));
  const still = video.ownerDocument.createElement('canvas');
  still.width = Math.max(1, Math.round(videoWidth * scale));
  still.height = Math.max(1, Math.round(videoHeight * scale));
  const pen = still.getContext('2d', { alpha: false });
  if (!pen) return undefined;
  try {
    pen.drawImage(video, 0, 0, still.width, still.height);
  } catch {
    // The browser gives the picture to nobody; then there is none.
    return undefined;
  }
  return still;
}
