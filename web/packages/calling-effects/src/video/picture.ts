// Loads the picture that is shown behind the person.
import { EffectError } from '../errors.js';

/** No picture needs longer; a server that hangs must not hang the start of an effect. */
const DEADLINE_MS = 15_000;
/** Larger pictures only cost memory. */
const WIDEST = 1920;

/** Loads a picture. The address may also be `data:` or `blob:`. */
export async function loadPicture(url: string): Promise<ImageBitmap> {
  const image = new Image();
  image.crossOrigin = 'anonymous';
  image.src = url;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await Promise.race([
      image.decode(),
      new Promise((_, reject) => {
        timer = setTimeout(() => { reject(new Error('it took too long')); }, DEADLINE_MS);
      }),
    ]);
    const { naturalWidth: width, naturalHeight: height } = image;
    const factor = Math.min(1, WIDEST / width);
    return await createImageBitmap(image, {
      resizeWidth: Math.max(1, Math.round(width * factor)),
      resizeHeight: Math.max(1, Math.round(height * factor)),
      resizeQuality: 'high',
    });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new EffectError('FailedToFetchImage', `The background picture could not be loaded; check its address and that its server permits the use (${detail}).`, error);
  } finally {
    clearTimeout(timer);
    image.removeAttribute('src');
  }
}
