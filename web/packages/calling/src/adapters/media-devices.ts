// The browser's devices: opening a camera, a microphone or a screen, with the errors of the SDK. Nothing is kept here.
import type { After } from '../core/deadline';
import { systemAfter, within } from '../core/deadline';
import type { FailureName } from '../core/errors';
import { CallingError, failure } from '../core/errors';

/** The browser's device API, or an error that says what is missing. */
export function mediaDevices(): MediaDevices {
  const devices = (globalThis.navigator as Navigator | undefined)?.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) throw failure('devicePermission', 'navigator.mediaDevices is missing');
  return devices;
}

/** A permitted device that does not start in this time will not. */
const START_MS = 20_000;
/** While the browser asks the person, they decide; but not for ever. */
const DECIDE_MS = 120_000;

/** The time for opening a device: short once it is known that nobody has to be asked. */
function openingTime(name: 'camera' | 'microphone'): After {
  return (_ms, action) => {
    let over = false;
    let cancel = systemAfter(DECIDE_MS, action);
    const permissions = (globalThis.navigator as { permissions?: Permissions } | undefined)?.permissions;
    permissions?.query({ name: name as PermissionName }).then(
      ({ state }) => {
        if (over || state !== 'granted') return;
        cancel();
        cancel = systemAfter(START_MS, action);
      },
      // A browser that does not tell this permission may ask.
      () => undefined,
    );
    return () => {
      over = true;
      cancel();
    };
  };
}

function open(name: 'camera' | 'microphone', constraints: MediaStreamConstraints): Promise<MediaStream> {
  const silent = failure(name === 'camera' ? 'cameraTimeout' : 'microphoneTimeout');
  return within(openingTime(name), DECIDE_MS, mediaDevices().getUserMedia(constraints), () => silent, stopStream);
}

/** Whether it is the operating system that forbids, as far as the browser says so. */
function isSystemsNo(error: unknown): boolean {
  return error instanceof Error && /system/i.test(error.message);
}

function microphoneFailure(error: unknown): FailureName {
  const name = error instanceof Error ? error.name : '';
  return name === 'NotAllowedError' || name === 'SecurityError' ? 'microphoneDenied' : 'microphoneUnavailable';
}

function cameraFailure(error: unknown): FailureName {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError' && isSystemsNo(error)) return 'cameraDeniedBySystem';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'cameraDenied';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'cameraMissing';
  return 'cameraInUse';
}

/** Opens a camera by id (an empty id means any) for 720p at 30 frames. */
export async function openCamera(device: { id: string }): Promise<MediaStream> {
  const exact = deviceId(device.id, 'camera:');
  try {
    return await open('camera', {
      video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 }, ...exact },
    });
  } catch (error) {
    throw error instanceof CallingError ? error : failure(cameraFailure(error), error);
  }
}

/** What the browser itself can do to the sound of a microphone. */
export interface SpeechProcessing {
  readonly echoCancellation: boolean;
  readonly noiseSuppression: boolean;
}

/** Opens a microphone by id (an empty id means the default one) with the browser's speech processing. */
export async function openMicrophone(
  device: { id: string },
  processing: SpeechProcessing = { echoCancellation: true, noiseSuppression: true },
): Promise<MediaStream> {
  const exact = deviceId(device.id, 'microphone:');
  try {
    return await open('microphone', {
      audio: { ...processing, autoGainControl: true, ...exact },
    });
  } catch (error) {
    throw error instanceof CallingError ? error : failure(microphoneFailure(error), error);
  }
}

/** Lets the person choose what to share, with its sound where the browser can. */
export async function openScreen(): Promise<MediaStream> {
  try {
    return await mediaDevices().getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } }, audio: true });
  } catch (error) {
    throw failure(isSystemsNo(error) ? 'screenDeniedBySystem' : isNo(error) ? 'screenShareCancelled' : 'screenShareFailed', error);
  }
}

function isNo(error: unknown): boolean {
  return error instanceof Error && error.name === 'NotAllowedError';
}

/** Ends all tracks of a stream. */
export function stopStream(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function deviceId(id: string, prefix: string): { deviceId?: ConstrainDOMString } {
  const bare = id.startsWith(prefix) ? id.slice(prefix.length) : id;
  return bare === '' ? {} : { deviceId: { exact: bare } };
}
