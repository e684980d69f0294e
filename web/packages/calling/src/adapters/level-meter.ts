// How loud a stream was in the last half second or so, for the SDK's own judgements (is the microphone silent, does somebody speak while muted).
//
// Owns: one audio context for all meters of the page, closed with the last of them. Not here: the volume that applications listen to
// (volume-meter.ts). Invariant: while the browser holds the context back, nothing is known, and nothing is claimed.
import type { LevelMeter } from './platform';

let context: AudioContext | undefined;
let meters = 0;

/** Measures a stream until closed. */
export function openLevelMeter(stream: MediaStream): LevelMeter {
  if (typeof AudioContext === 'undefined' || stream.getAudioTracks().length === 0) return { level: () => undefined, close: () => undefined };
  context ??= new AudioContext();
  const own = context;
  meters += 1;
  const analyser = own.createAnalyser();
  // As long as it goes, 0.7 s at 48 kHz: who looks twice a second misses nothing, and one click does not count as a voice.
  analyser.fftSize = 32_768;
  const source = own.createMediaStreamSource(stream);
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let open = true;
  return {
    level: () => {
      if (own.state !== 'running') return undefined;
      analyser.getFloatTimeDomainData(samples);
      return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    },
    close: () => {
      if (!open) return;
      open = false;
      source.disconnect();
      meters -= 1;
      if (meters > 0) return;
      context = undefined;
      void own.close().catch(() => undefined);
    },
  };
}
