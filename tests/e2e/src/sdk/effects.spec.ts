/**
 * The effects, in a real browser, of the packages as they are built: the background is blurred or replaced and the person stays; noise is
 * gone; the preview shows what is sent; nothing but this machine is contacted; and nothing is left when an effect ends.
 */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Page, test as base, expect } from '@playwright/test';
import { build } from 'esbuild';

import type { Region } from './effects-page.js';

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, '../../../../web/packages');
const built = join(packages, 'calling-effects/dist');

/** Parts of the picture: two things with sharp edges behind the person, and the person's face. */
const REGIONS: Record<'flag' | 'model' | 'face', Region> = {
  flag: { x: 4, y: 8, width: 56, height: 90 },
  model: { x: 375, y: 60, width: 75, height: 150 },
  face: { x: 185, y: 80, width: 85, height: 80 },
};

const TYPES: Record<string, string> = { '.js': 'text/javascript', '.jpg': 'image/jpeg', '.svg': 'image/svg+xml', '.html': 'text/html' };
const GREEN = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="36"><rect width="64" height="36" fill="#00ff00"/></svg>';
const PERMISSIVE = "default-src 'self' blob: data:; script-src 'self' blob: 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'";
const WITHOUT_BLOBS = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:";

/** Bundles as an application would, of either module system. */
async function bundle(entry: 'index.js' | 'index.cjs'): Promise<Map<string, Uint8Array>> {
  if (!existsSync(join(built, entry))) throw new Error('The effects package is not built: npm run build --workspace web/packages/calling-effects');
  const { outputFiles } = await build({
    entryPoints: [join(here, 'effects-page.ts')],
    outdir: '/',
    bundle: true,
    splitting: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'error',
    alias: { '@anteroom/calling': join(packages, 'calling/src/index.ts'), '@anteroom/calling-effects': join(built, entry) },
  });
  return new Map(outputFiles.map(({ path, contents }) => [path, contents]));
}

interface Fixtures {
  /** Opens the page: with a content security policy, of a module system. */
  open: (options?: { policy?: string; entry?: 'index.js' | 'index.cjs' }) => Promise<Page>;
}

const test = base.extend<Fixtures>({
  open: async ({ browser }, use) => {
    const servers: Server[] = [];
    const contexts: { close(): Promise<void> }[] = [];
    const foreign: string[] = [];
    const errors: string[] = [];
    await use(async ({ policy = PERMISSIVE, entry = 'index.js' } = {}) => {
      const files = await bundle(entry);
      const server = createServer((request, response) => {
        const { pathname } = new URL(request.url ?? '/', 'http://page');
        const content =
          pathname === '/' ? '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/effects-page.js"></script>'
          : pathname === '/person.jpg' ? readFileSync(join(here, 'fixtures/person.jpg'))
          : pathname === '/green.svg' ? GREEN
          : pathname.startsWith('/files/') ? readFileSync(join(built, 'files', pathname.slice('/files/'.length)))
          : files.get(pathname);
        response.writeHead(content === undefined ? 404 : 200, {
          'content-type': TYPES[pathname === '/' ? '.html' : extname(pathname)] ?? 'application/octet-stream',
          'content-security-policy': policy,
        });
        response.end(content);
      });
      servers.push(server);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const context = await browser.newContext();
      contexts.push(context);
      const page = await context.newPage();
      page.on('pageerror', (error) => errors.push(error.message));
      context.on('request', (request) => {
        const { protocol, hostname } = new URL(request.url());
        if (protocol.startsWith('http') && hostname !== '127.0.0.1') foreign.push(request.url());
      });
      await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
      await page.waitForFunction(() => 'fx' in globalThis);
      return page;
    });
    for (const context of contexts) await context.close();
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    expect(foreign, 'nothing but this machine is contacted').toEqual([]);
    expect(errors, 'no page error').toEqual([]);
  },
});

for (const [way, entry] of [['streams of frames', 'index.js'], ['a canvas', 'index.js'], ['streams of frames, as CommonJS', 'index.cjs']] as const) {
  test(`blur takes the edges out of the background and leaves the person, by ${way}`, async ({ open }) => {
    const page = await open({ entry });
    if (way === 'a canvas') await page.evaluate(() => { Reflect.deleteProperty(globalThis, 'MediaStreamTrackGenerator'); });
    const seen = await page.evaluate(async (regions) => {
      const { stream, feature } = await fx.video();
      const events: string[] = [];
      feature.on('effectsStarted', (names) => events.push(`started ${names.join()}`));
      feature.on('effectsStopped', (names) => events.push(`stopped ${names.join()}`));
      const raw = await stream.getMediaStream();
      const before = await fx.look(raw, regions);
      const other = await fx.sent(raw);
      const effect = new fx.effects.BackgroundBlurEffect({ blurStrength: 0.8 });
      const supported = await feature.isSupported(effect);
      await feature.startEffects(effect);
      const processed = await stream.getMediaStream();
      await other.use(processed);
      const preview = await fx.look(processed, regions);
      const received = await fx.look(other.received, regions);
      await feature.stopEffects();
      const after = await fx.look(await stream.getMediaStream(), regions);
      stream.dispose();
      fx.cleanUp();
      return { supported, events, before, preview, received, after, track: processed.getVideoTracks()[0]?.readyState };
    }, REGIONS);
    expect(seen.supported).toBe(true);
    expect(seen.events).toEqual(['started BackgroundBlur', 'stopped BackgroundBlur']);
    for (const behind of ['flag', 'model'] as const) {
      const [before, preview, received, after] = [seen.before, seen.preview, seen.received, seen.after].map((all) => all[behind]?.sharpness ?? NaN) as [number, number, number, number];
      expect(preview, `${behind} in the preview`).toBeLessThan(before / 20);
      // The encoder adds edges of its own.
      expect(received, `${behind} as sent`).toBeLessThan(before / 8);
      expect(after, `${behind} after the effect`).toBeGreaterThan(before * 0.8);
    }
    const [face, blurred] = [seen.before['face'], seen.preview['face']];
    expect(blurred?.sharpness, 'the face').toBeGreaterThan((face?.sharpness ?? NaN) * 0.7);
    expect(seen.received['face']?.sharpness, 'the face as sent is sharper than the blurred background').toBeGreaterThan((seen.received['model']?.sharpness ?? NaN) * 5);
    expect(seen.track, 'the processed track ended').toBe('ended');
    await expect.poll(() => page.workers().length, 'no worker is left').toBe(0);
  });
}

test('replacement shows the picture behind the person, another one when configured, and keeps both when a picture is missing', async ({ open }) => {
  const page = await open();
  const seen = await page.evaluate(async (regions) => {
    const { stream, feature } = await fx.video();
    const errors: unknown[] = [];
    feature.on('effectsError', ({ code, name }) => errors.push([code, name]));
    const before = await fx.look(await stream.getMediaStream(), regions);
    const missing = await feature.startEffects(new fx.effects.BackgroundReplacementEffect({ backgroundImageUrl: '/nothing.svg' })).then(
      () => 'started',
      (error: unknown) => (error as { reason: string }).reason,
    );
    const still = feature.activeEffects;
    const effect = new fx.effects.BackgroundReplacementEffect({ backgroundImageUrl: '/green.svg' });
    await feature.startEffects(effect);
    const green = await fx.look(await stream.getMediaStream(), regions);
    const refused = await effect.configure({ backgroundImageUrl: '/nothing.svg' }).then(() => 'changed', (error: unknown) => (error as { code: string }).code);
    const kept = await fx.look(await stream.getMediaStream(), regions);
    const red = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9" fill="#ff0000"/></svg>')}`;
    await effect.configure({ backgroundImageUrl: red });
    const changed = await fx.look(await stream.getMediaStream(), regions);
    stream.dispose();
    fx.cleanUp();
    return { errors, before, missing, still, green, refused, kept, changed, options: effect.options.backgroundImageUrl === red };
  }, REGIONS);
  expect([seen.missing, seen.still, seen.errors]).toEqual(['effectFailed', [], [[404, 'FailedToFetchImage']]]);
  const near = (colour: number[] | undefined, wanted: number[], by: number): boolean => wanted.every((value, lane) => Math.abs((colour?.[lane] ?? NaN) - value) <= by);
  for (const behind of ['flag', 'model'] as const) {
    expect(near(seen.green[behind]?.colour, [0, 255, 0], 12), `${behind} is green: ${String(seen.green[behind]?.colour)}`).toBe(true);
    expect(near(seen.kept[behind]?.colour, [0, 255, 0], 12), `${behind} stays green`).toBe(true);
    expect(near(seen.changed[behind]?.colour, [255, 0, 0], 12), `${behind} is red: ${String(seen.changed[behind]?.colour)}`).toBe(true);
  }
  expect(near(seen.green['face']?.colour, seen.before['face']?.colour ?? [], 6), 'the face has its colour').toBe(true);
  expect([seen.refused, seen.options]).toEqual(['FailedToFetchImage', true]);
});

test('pictures that fail are dropped, the application is told, and the camera is not shown instead', async ({ open }) => {
  const page = await open();
  await page.evaluate(async () => {
    const { stream, feature } = await fx.video();
    const errors: unknown[] = [];
    feature.on('effectsError', ({ code, name }) => errors.push([code, name]));
    await stream.getMediaStream();
    await feature.startEffects(new fx.effects.BackgroundBlurEffect());
    Object.assign(globalThis, { stream, feature, errors });
  });
  const [worker] = page.workers();
  if (!worker) throw new Error('no worker');
  await worker.evaluate(() => {
    OffscreenCanvasRenderingContext2D.prototype.drawImage = () => { throw new Error('broken by the test'); };
  });
  interface Kept { stream: InstanceType<typeof fx.sdk.LocalVideoStream>; feature: Awaited<ReturnType<typeof fx.video>>['feature']; errors: unknown[] }
  await expect.poll(() => page.evaluate(() => (globalThis as unknown as Kept).errors)).toEqual([[500, 'FailedToProcess']]);
  const seen = await page.evaluate(async () => {
    const { stream, feature } = globalThis as unknown as Kept;
    const track = (await stream.getMediaStream()).getVideoTracks()[0];
    const broken = track ? await fx.pace(track, 1_500) : NaN;
    const active = feature.activeEffects;
    await feature.stopEffects();
    const raw = (await stream.getMediaStream()).getVideoTracks()[0];
    const after = raw ? await fx.pace(raw, 1_500) : NaN;
    stream.dispose();
    fx.cleanUp();
    return { broken, active, after };
  });
  expect([seen.broken, seen.active]).toEqual([0, ['BackgroundBlur']]);
  expect(seen.after, 'stopping is the wish to be seen').toBeGreaterThan(3);
  await expect.poll(() => page.workers().length).toBe(0);
});

test('an effect goes on over another camera, starts with the camera, and goes on when the page draws no frames', async ({ open }) => {
  const page = await open();
  await page.context().grantPermissions(['camera', 'microphone']);
  const seen = await page.evaluate(async () => {
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput');
    const device = (index: number) => ({ id: `camera:${cameras[index % cameras.length]?.deviceId ?? ''}`, name: 'camera', deviceType: 'UsbCamera' as const });
    const stream = new fx.sdk.LocalVideoStream(device(0));
    const feature = stream.feature(fx.sdk.Features.VideoEffects);
    // A hidden page draws nothing.
    globalThis.requestAnimationFrame = () => 0;
    await feature.startEffects(new fx.effects.BackgroundBlurEffect());
    const first = (await stream.getMediaStream()).getVideoTracks()[0];
    const pace = first ? await fx.pace(first, 3_000) : 0;
    await stream.switchSource(device(1));
    const second = (await stream.getMediaStream()).getVideoTracks()[0];
    const paceAfter = second ? await fx.pace(second, 3_000) : 0;
    const active = feature.activeEffects;
    stream.dispose();
    return { pace, paceAfter, active, states: [first?.readyState, second?.readyState], same: first === second };
  });
  expect(seen.pace).toBeGreaterThan(3);
  expect(seen.paceAfter).toBeGreaterThan(3);
  expect([seen.active, seen.states, seen.same]).toEqual([['BackgroundBlur'], ['ended', 'ended'], false]);
  await expect.poll(() => page.workers().length).toBe(0);
});

test('noise suppression takes noise away, and what is not processed keeps it', async ({ open }) => {
  const page = await open();
  const seen = await page.evaluate(async () => {
    const contexts: AudioContext[] = [];
    const Original = globalThis.AudioContext;
    const noise = fx.noise();
    globalThis.AudioContext = class extends Original {
      constructor(options?: AudioContextOptions) {
        super(options);
        contexts.push(this);
      }
    };
    const [stream, twin] = [new fx.sdk.LocalAudioStream(noise), new fx.sdk.LocalAudioStream(noise)];
    const feature = stream.feature(fx.sdk.Features.AudioEffects);
    await stream.getMediaStream();
    const effect = new fx.effects.DeepNoiseSuppressionEffect();
    const supported = await feature.isSupported(effect);
    await feature.startEffects({ noiseSuppression: effect });
    const active = feature.activeEffects;
    // The network listens for a while before it is sure what noise is.
    await fx.loudness(await stream.getMediaStream());
    const [processed, unprocessed] = await Promise.all([fx.loudness(await stream.getMediaStream()), fx.loudness(await twin.getMediaStream())]);
    await feature.stopEffects({ noiseSuppression: true });
    const after = await fx.loudness(await stream.getMediaStream());
    stream.dispose();
    fx.cleanUp();
    Object.assign(globalThis, { contexts });
    return { supported, active, processed, unprocessed, after, made: contexts.length };
  });
  expect([seen.supported, seen.active.noiseSuppression]).toEqual([true, ['DeepNoiseSuppression']]);
  expect(seen.processed).toBeLessThan(seen.unprocessed - 10);
  expect(seen.unprocessed).toBeGreaterThan(-25);
  expect(Math.abs(seen.after - seen.unprocessed)).toBeLessThan(2);
  expect(seen.made).toBeGreaterThan(0);
  const running = (): Promise<number> => page.evaluate(() => (globalThis as unknown as { contexts: AudioContext[] }).contexts.filter(({ state }) => state !== 'closed').length);
  await expect.poll(running, { message: 'no audio context is left' }).toBe(0);
});

test('a microphone is switched between the noise suppression of the browser, of the package, and none', async ({ open }) => {
  const page = await open();
  await page.context().grantPermissions(['camera', 'microphone']);
  const seen = await page.evaluate(async () => {
    const stream = new fx.sdk.LocalAudioStream({ id: '', name: 'microphone', isSystemDefault: true, deviceType: 'Microphone' });
    const feature = stream.feature(fx.sdk.Features.AudioEffects);
    const active: unknown[] = [];
    const note = (): void => { active.push([feature.activeEffects.echoCancellation, feature.activeEffects.noiseSuppression]); };
    await stream.getMediaStream();
    note();
    await feature.startEffects({ noiseSuppression: new fx.effects.DeepNoiseSuppressionEffect() });
    note();
    const level = await fx.loudness(await stream.getMediaStream());
    await feature.stopEffects({ noiseSuppression: true });
    note();
    const raw = (await stream.getMediaStream()).getAudioTracks()[0];
    const settings = raw?.getSettings();
    await feature.stopEffects({ noiseSuppression: true, echoCancellation: true });
    note();
    const echo = new fx.effects.EchoCancellationEffect();
    const supported = await feature.isSupported(echo);
    await feature.startEffects({ echoCancellation: echo });
    note();
    const live = (await stream.getMediaStream()).getAudioTracks()[0]?.readyState;
    stream.dispose();
    return { active, level, suppressed: settings?.noiseSuppression, supported, live };
  });
  expect(seen.active).toEqual([
    [['BrowserEchoCancellation'], ['BrowserNoiseSuppression']],
    [['BrowserEchoCancellation'], ['DeepNoiseSuppression']],
    [['BrowserEchoCancellation'], ['BrowserNoiseSuppression']],
    [[], []],
    [['EchoCancellation'], []],
  ]);
  expect([seen.suppressed, seen.supported, seen.live]).toEqual([true, true, 'live']);
});

test('a policy without blobs is refused with a sentence, and served files do without blobs', async ({ open }) => {
  const page = await open({ policy: WITHOUT_BLOBS });
  const seen = await page.evaluate(async () => {
    const { stream, feature } = await fx.video();
    await stream.getMediaStream();
    const errors: string[] = [];
    feature.on('effectsError', ({ message }) => errors.push(message));
    const audio = new fx.sdk.LocalAudioStream(fx.noise());
    const sound = audio.feature(fx.sdk.Features.AudioEffects);
    await audio.getMediaStream();
    const start = async (): Promise<unknown[]> => [
      await feature.startEffects(new fx.effects.BackgroundBlurEffect()).then(() => 'started', (error: unknown) => (error as { reason: string }).reason),
      await sound.startEffects({ noiseSuppression: new fx.effects.DeepNoiseSuppressionEffect() }).then(() => 'started', (error: unknown) => (error as { reason: string }).reason),
    ];
    const without = await start();
    fx.effects.setEffectFiles({ videoWorkerUrl: '/files/video-worker.js', noiseWorkletUrl: '/files/noise-worklet.js' });
    const served = await start();
    const active = [feature.activeEffects, sound.activeEffects.noiseSuppression];
    stream.dispose();
    audio.dispose();
    fx.cleanUp();
    return { without, served, active, errors };
  });
  expect(seen.without).toEqual(['effectFailed', 'effectFailed']);
  expect(seen.errors).toHaveLength(1);
  expect(seen.errors[0]).toContain('Content security policy');
  expect(seen.served).toEqual(['started', 'started']);
  expect(seen.active).toEqual([['BackgroundBlur'], ['DeepNoiseSuppression']]);
});
