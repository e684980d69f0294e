// The browser's devices: opening a camera, a microphone or a screen, with the errors of the SDK. Nothing is kept here.
import type { FailureName } from '../core/errors';
import { failure } from '../core/errors';

/** The browser's device API, or an error that says what is missing. */
export function mediaDevices(): MediaDevices {
  const devices = (globalThis.navigator as Navigator | undefined)?.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) throw failure('devicePermission', 'navigator.mediaDevices is missing');
  return devices;
}

function cameraFailure(error: unknown): FailureName {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'cameraDenied';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'cameraMissing';
  return 'cameraInUse';
}

/** Opens a camera by id (an empty id means any) for 720p at 30 frames. */
export async function openCamera(device: { id: string }): Promise<MediaStream> {
  const exact = deviceId(device.id, 'camera:');
  try {
    return await mediaDevices().getUserMedia({
      video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 }, ...exact },
    });
  } catch (error) {
    throw failure(cameraFailure(error), error);
  }
}

/** Opens a microphone by id (an empty id means the default one) with the browser's speech processing. */
export async function openMicrophone(device: { id: string }): Promise<MediaStream> {
  const exact = deviceId(device.id, 'microphone:');
  try {
    return await mediaDevices().getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...exact },
    });
  } catch (error) {
    throw failure('microphoneUnavailable', error);
  }
}

/** Lets the person choose what to share, with its sound where the browser can. */
export async function openScreen(): Promise<MediaStream> {
  try {
    return await mediaDevices().getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } }, audio: true });
  } catch (error) {
    throw failure('screenShareFailed', error);
  }
}

/** Ends all tracks of a stream. */
export function stopStream(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function deviceId(id: string, prefix: string): { deviceId?: ConstrainDOMString } {
  const bare = id.startsWith(prefix) ? id.slice(prefix.length) : id;
  return bare === '' ? {} : { deviceId: { exact: bare } };
}
