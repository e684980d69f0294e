// Puts a person before a background: finds the person in a small copy of the picture and composes at full size.
//
// Owns: the canvases. Invariant: what it gives back was composed with a mask of the very same picture; when anything fails it throws
// and gives nothing.
import type { LoadedBackground } from '../protocol.js';
import { BackgroundBlur } from './blur.js';
import { MaskFilter } from './mask.js';
import type { Network } from './network.js';

type Context = OffscreenCanvasRenderingContext2D;

/** Composes pictures. */
export class Compositor {
  private readonly small: Context;
  private readonly mask: Context;
  private readonly maskPixels: ImageData;
  private readonly output: Context;
  private readonly filter = new MaskFilter();
  private readonly blur: BackgroundBlur;
  private background: LoadedBackground | undefined;

  constructor(private readonly network: Network) {
    const { width, height } = network;
    this.small = context(width, height, true);
    this.mask = context(width, height, false);
    this.maskPixels = new ImageData(width, height);
    this.output = context(width, height, false);
    this.blur = new BackgroundBlur(width, height);
  }

  /** Shows this behind the person from the next picture on. */
  show(background: LoadedBackground): void {
    if (this.background?.kind === 'picture') this.background.picture.close();
    this.background = background;
  }

  /** The composed picture; valid until the next call. */
  compose(picture: CanvasImageSource, width: number, height: number): OffscreenCanvas {
    const { network, small, mask, output, background } = this;
    if (!background) throw new Error('There is no background yet.');
    // Without smoothing a picture made so much smaller is mostly noise, and the network sees things in it.
    small.imageSmoothingQuality = 'high';
    small.drawImage(picture, 0, 0, network.width, network.height);
    const pixels = small.getImageData(0, 0, network.width, network.height);
    const found = this.filter.next(network.run(pixels.data));
    for (let point = 0; point < found.length; point += 1) this.maskPixels.data[4 * point + 3] = 255 * (found[point] ?? 0);
    mask.putImageData(this.maskPixels, 0, 0);

    const canvas = output.canvas;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    output.imageSmoothingQuality = 'high';
    output.globalCompositeOperation = 'copy';
    output.drawImage(mask.canvas, 0, 0, width, height);
    output.globalCompositeOperation = 'source-in';
    output.drawImage(picture, 0, 0, width, height);
    output.globalCompositeOperation = 'destination-over';
    if (background.kind === 'blur') {
      this.blur.apply(pixels.data, found, background.strength);
      small.putImageData(pixels, 0, 0);
      output.drawImage(small.canvas, 0, 0, width, height);
    } else {
      cover(output, background.picture, width, height);
    }
    return canvas;
  }
}

/** Fills the canvas with the middle of the picture. */
function cover(output: Context, picture: ImageBitmap, width: number, height: number): void {
  const factor = Math.max(width / picture.width, height / picture.height);
  const [wide, high] = [picture.width * factor, picture.height * factor];
  output.drawImage(picture, (width - wide) / 2, (height - high) / 2, wide, high);
}

function context(width: number, height: number, willReadFrequently: boolean): Context {
  const made = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently });
  if (!made) throw new Error('This browser gives no canvas to a worker.');
  return made;
}
