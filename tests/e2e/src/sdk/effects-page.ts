/**
 * The page of the effects' test: the built packages in a bundle, a person in front of things with sharp edges as a camera, and eyes and
 * ears that measure what comes out.
 */
import * as sdk from '@anteroom/calling';
import * as effects from '@anteroom/calling-effects';

/** A part of the picture, in its own pixels (512 × 288). */
export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** How a part of the picture looks. */
export interface Look {
  /** Variance of the Laplacian: high for sharp edges, near zero for a blurred surface. */
  sharpness: number;
  /** Mean red, green, blue. */
  colour: [number, number, number];
}

const WIDTH = 512;
const HEIGHT = 288;
const FRAMES_PER_SECOND = 15;

const cleanups: (() => void)[] = [];

/** A camera that shows the picture. The timer is a worker's, as a hidden page's own would stand still. */
async function camera(): Promise<MediaStream> {
  const image = new Image();
  image.src = '/person.jpg';
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
  const context = canvas.getContext('2d');
  let frame = 0;
  const draw = (): void => {
    context?.drawImage(image, 0, 0);
    // Something moves, as with every camera.
    frame += 1;
    context?.fillRect(frame % 8, 0, 1, 1);
  };
  draw();
  const timer = setInterval(draw, 1000 / FRAMES_PER_SECOND);
  cleanups.push(() => { clearInterval(timer); });
  return canvas.captureStream(FRAMES_PER_SECOND);
}

/** Takes one picture of a stream, new since the call. */
async function snapshot(stream: MediaStream): Promise<ImageData> {
  const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true });
  video.srcObject = stream;
  await video.play();
  for (let seen = 0; seen < 3; seen += 1) await new Promise<void>((resolve) => video.requestVideoFrameCallback(() => { resolve(); }));
  const canvas = Object.assign(document.createElement('canvas'), { width: video.videoWidth, height: video.videoHeight });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no canvas');
  context.drawImage(video, 0, 0);
  video.srcObject = null;
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** How parts of a stream's picture look. */
async function look(stream: MediaStream, regions: Record<string, Region>): Promise<Record<string, Look>> {
  const picture = await snapshot(stream);
  const factor = picture.width / WIDTH;
  return Object.fromEntries(
    Object.entries(regions).map(([name, { x, y, width, height }]) => [
      name,
      measure(picture, { x: Math.round(x * factor), y: Math.round(y * factor), width: Math.round(width * factor), height: Math.round(height * factor) }),
    ]),
  );
}

function measure(picture: ImageData, { x, y, width, height }: Region): Look {
  const at = (column: number, row: number, lane: number): number => picture.data[4 * (row * picture.width + column) + lane] ?? 0;
  const grey = (column: number, row: number): number => 0.3 * at(column, row, 0) + 0.6 * at(column, row, 1) + 0.1 * at(column, row, 2);
  const edges: number[] = [];
  const colour: [number, number, number] = [0, 0, 0];
  for (let row = y + 1; row < y + height - 1; row += 1) {
    for (let column = x + 1; column < x + width - 1; column += 1) {
      edges.push(4 * grey(column, row) - grey(column - 1, row) - grey(column + 1, row) - grey(column, row - 1) - grey(column, row + 1));
      for (const lane of [0, 1, 2] as const) colour[lane] += at(column, row, lane);
    }
  }
  const mean = edges.reduce((sum, edge) => sum + edge, 0) / edges.length;
  const sharpness = edges.reduce((sum, edge) => sum + (edge - mean) ** 2, 0) / edges.length;
  return { sharpness, colour: colour.map((sum) => Math.round(sum / edges.length)) as [number, number, number] };
}

/** Sends a track through a peer connection to oneself: what arrives is what others would see. */
async function sent(stream: MediaStream): Promise<{ received: MediaStream; use: (next: MediaStream) => Promise<void> }> {
  const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
  here.onicecandidate = ({ candidate }) => { void there.addIceCandidate(candidate ?? undefined); };
  there.onicecandidate = ({ candidate }) => { void here.addIceCandidate(candidate ?? undefined); };
  const arrived = new Promise<MediaStream>((resolve) => { there.ontrack = ({ track }) => { resolve(new MediaStream([track])); }; });
  const [track] = stream.getTracks();
  if (!track) throw new Error('no track');
  const sender = here.addTrack(track);
  await here.setLocalDescription(await here.createOffer());
  await there.setRemoteDescription(here.localDescription as RTCSessionDescription);
  await there.setLocalDescription(await there.createAnswer());
  await here.setRemoteDescription(there.localDescription as RTCSessionDescription);
  cleanups.push(() => {
    here.close();
    there.close();
  });
  return { received: await arrived, use: (next) => sender.replaceTrack(next.getTracks()[0] ?? null) };
}

/** White noise, as a microphone. */
function noise(): MediaStream {
  const context = new AudioContext({ sampleRate: 48_000 });
  const buffer = context.createBuffer(1, 48_000 * 2, 48_000);
  const samples = buffer.getChannelData(0);
  for (let index = 0; index < samples.length; index += 1) samples[index] = (Math.random() * 2 - 1) * 0.2;
  const source = new AudioBufferSourceNode(context, { buffer, loop: true });
  const destination = context.createMediaStreamDestination();
  source.connect(destination);
  source.start();
  cleanups.push(() => { void context.close(); });
  return destination.stream;
}

/** Loudness in decibels (0 is full) over a second. */
async function loudness(stream: MediaStream): Promise<number> {
  const context = new AudioContext({ sampleRate: 48_000 });
  const analyser = new AnalyserNode(context, { fftSize: 32_768 });
  context.createMediaStreamSource(stream).connect(analyser);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  await context.close();
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return 10 * Math.log10(power + 1e-12);
}

/** Processed pictures of a stream per second, counted without the page's own frames. */
async function pace(track: MediaStreamTrack, milliseconds: number): Promise<number> {
  const { readable } = new (globalThis as unknown as { MediaStreamTrackProcessor: new (init: object) => { readable: ReadableStream<VideoFrame> } }).MediaStreamTrackProcessor({ track });
  const reader = readable.getReader();
  const end = performance.now() + milliseconds;
  let frames = 0;
  while (performance.now() < end) {
    const next = await Promise.race([reader.read(), new Promise<undefined>((resolve) => setTimeout(resolve, end - performance.now(), undefined))]);
    if (!next || next.done) break;
    next.value.close();
    frames += 1;
  }
  await reader.cancel();
  return (frames * 1000) / milliseconds;
}

const page = {
  sdk,
  effects,
  camera,
  look,
  sent,
  noise,
  loudness,
  pace,
  cleanUp: (): void => { for (const clean of cleanups.splice(0)) clean(); },
  /** A stream of the SDK over the picture, with its feature. */
  video: async () => {
    const stream = new sdk.LocalVideoStream(await camera());
    return { stream, feature: stream.feature(sdk.Features.VideoEffects) };
  },
};

declare global {
  var fx: typeof page;
}
globalThis.fx = page;
