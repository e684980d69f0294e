// What the browser can do. Nothing is loaded or created to find out.

/** A module of one function that uses a 128-bit instruction: browsers without these instructions call it invalid. */
const SIMD = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]);

/** Whether WebAssembly with 128-bit instructions runs here. */
function hasWebAssembly(): boolean {
  try {
    return typeof WebAssembly === 'object' && WebAssembly.validate(SIMD);
  } catch {
    return false;
  }
}

/** Whether video tracks can be taken apart into frames and made of frames. Not part of the language's declarations yet. */
export function hasTrackStreams(): boolean {
  return 'MediaStreamTrackProcessor' in globalThis && 'MediaStreamTrackGenerator' in globalThis;
}

/** Whether the background of a video can be changed here. */
export function canProcessVideo(): boolean {
  if (typeof Worker === 'undefined' || typeof OffscreenCanvas === 'undefined' || !hasWebAssembly()) return false;
  return hasTrackStreams() || (typeof HTMLCanvasElement !== 'undefined' && 'captureStream' in HTMLCanvasElement.prototype);
}

/** Whether sound can be processed here. */
export function canProcessAudio(): boolean {
  return typeof AudioContext !== 'undefined' && typeof AudioWorkletNode !== 'undefined' && hasWebAssembly();
}
