// Processes one microphone: an audio graph of its own, with the noise suppression in the audio thread.
//
// Invariants: resolves only when the network runs; `stop` closes the audio context and ends the track; the given track is never stopped
// here. When the network fails while it runs, the sound goes on unprocessed (silence would be worse) and the report says so.
import type { MediaEffectProcessor, MediaEffectReport } from '../contract.js';
import { EffectError } from '../errors.js';
import { exportsOf, scriptAddress } from '../files.js';

/** What the network was trained on. */
const SAMPLE_RATE = 48_000;
/** Loading takes a tenth of a second; this is for machines that are very busy. */
const READY_MS = 10_000;
/** A page may start sound while it records; where it may not, the browser waits for a click. */
const RESUME_MS = 3_000;

const script = (): Promise<string> => import('script:noise-worklet').then((chunk) => exportsOf(chunk, 'text').text);

/** Loads the script of the audio thread without starting it. */
export async function prepareAudio(): Promise<void> {
  await script();
}

/** Starts; fails with an EffectError and leaves nothing running. */
export async function startNoiseProcessor(track: MediaStreamTrack, report: MediaEffectReport): Promise<MediaEffectProcessor> {
  const context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: 'interactive' });
  try {
    return await start(context, track, report);
  } catch (error) {
    void context.close().catch(() => undefined);
    if (error instanceof EffectError) throw error;
    throw new EffectError('FailedToProcess', notStarted(error instanceof Error ? error.message : String(error)), error);
  }
}

async function start(context: AudioContext, track: MediaStreamTrack, report: MediaEffectReport): Promise<MediaEffectProcessor> {
  await within(RESUME_MS, context.resume(), 'the browser lets the page make sound only after a click; start the effect from one');
  const { url, release } = await scriptAddress('noiseWorkletUrl', script);
  try {
    await within(READY_MS, context.audioWorklet.addModule(url), 'the script did not load in time');
  } finally {
    release();
  }
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const node = new AudioWorkletNode(context, 'anteroom-noise', {
    numberOfInputs: 1,
    numberOfOutputs: 1,
    outputChannelCount: [1],
    channelCount: 1,
    channelCountMode: 'explicit',
  });
  await within(READY_MS, ready(node, report), 'the network did not answer in time');
  const destination = context.createMediaStreamDestination();
  destination.channelCount = 1;
  source.connect(node).connect(destination);
  const [processed] = destination.stream.getAudioTracks();
  if (!processed) throw new Error('the browser made no track');

  let stopped = false;
  // Telephones interrupt the sound of a page for a call of their own.
  const onState = (): void => {
    if (!stopped && context.state !== 'running' && context.state !== 'closed') void context.resume().catch(() => undefined);
  };
  context.addEventListener('statechange', onState);
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    context.removeEventListener('statechange', onState);
    track.removeEventListener('ended', stop);
    node.port.postMessage('stop');
    node.port.close();
    source.disconnect();
    node.disconnect();
    processed.stop();
    void context.close().catch(() => undefined);
  };
  track.addEventListener('ended', stop);
  return { track: processed, stop };
}

function ready(node: AudioWorkletNode, report: MediaEffectReport): Promise<void> {
  return new Promise((resolve, reject) => {
    let running = false;
    const fail = (message: string): void => {
      if (running) report.failed({ code: 'FailedToProcess', message: `The noise can no longer be suppressed; the sound goes on as it is (${message}).` });
      else reject(new Error(message));
    };
    node.onprocessorerror = () => { fail('the audio thread failed'); };
    node.port.onmessage = ({ data }: MessageEvent<{ type: string; message?: string }>) => {
      if (data.type === 'failed') fail(data.message ?? '');
      if (data.type !== 'ready') return;
      running = true;
      resolve();
    };
  });
}

async function within<T>(milliseconds: number, work: Promise<T>, otherwise: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => { reject(new Error(otherwise)); }, milliseconds);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

function notStarted(detail: string): string {
  return `The noise suppression could not be started; see "Content security policy" in the README of this package (${detail}).`;
}
