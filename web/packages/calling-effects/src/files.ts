// Where the two scripts that do the work come from: chunks of this package (as blobs), or files that the application serves.
//
// A page whose content security policy forbids scripts from blobs serves `video-worker.js` and `noise-worklet.js` (in `dist/files/` of
// this package) itself and names their addresses here. Nothing is ever loaded from anywhere else.

/** Addresses of the files, on the page's own origin. */
export interface EffectFiles {
  /** Address of `video-worker.js`. */
  videoWorkerUrl?: string;
  /** Address of `noise-worklet.js`. */
  noiseWorkletUrl?: string;
}

let chosen: EffectFiles = {};

/** Uses files that the application serves, instead of scripts from blobs. To be called before an effect starts. */
export function setEffectFiles(files: EffectFiles): void {
  chosen = { ...files };
}

/** An address of a script, and what to call when it has been loaded. */
export interface ScriptAddress {
  readonly url: string;
  readonly release: () => void;
}

/** The address of one of the scripts; `text` gives its content when the application does not serve it. */
export async function scriptAddress(file: keyof EffectFiles, text: () => Promise<string>): Promise<ScriptAddress> {
  const own = chosen[file];
  if (own !== undefined) return { url: own, release: () => undefined };
  const url = URL.createObjectURL(new Blob([await text()], { type: 'text/javascript' }));
  return { url, release: () => { URL.revokeObjectURL(url); } };
}

/** What a chunk exports. Of a chunk in CommonJS some bundlers give it as the default only. */
export function exportsOf<T extends object>(chunk: T | { default: T }, name: keyof T & string): T {
  return name in chunk || !('default' in chunk) ? (chunk as T) : chunk.default;
}
