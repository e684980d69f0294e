// What the entry and the chunks have in common; in the built package a chunk of its own, so that there is one of each.
export { EffectError, effectError } from './errors.js';
export { exportsOf, scriptAddress, setEffectFiles } from './files.js';
export { canProcessAudio, canProcessVideo, hasTrackStreams } from './support.js';
