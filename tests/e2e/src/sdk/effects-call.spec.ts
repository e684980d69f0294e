/** Effects in a call through the server: what the other person sees is the processed picture, also after the camera was off. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type * as effects from '@anteroom/calling-effects';

import { expect, test } from './bench.js';
import type { Person } from './bench.js';

const built = join(dirname(fileURLToPath(import.meta.url)), '../../../../web/packages/calling-effects/dist/index.js');

const GREEN = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="36"><rect width="64" height="36" fill="#00ff00"/></svg>')}`;

/** The share of the other's picture that is the replacement's green, as this person decodes it. */
async function greenSeenBy(person: Person): Promise<number> {
  return (await person.run(async () => {
    const remote = sdk.call.remoteParticipants.flatMap(({ videoStreams }) => videoStreams).find(({ isAvailable, mediaStreamType }) => isAvailable && mediaStreamType === 'Video');
    if (!remote) return -1;
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = await remote.getMediaStream();
    await video.play();
    for (let seen = 0; seen < 3; seen += 1) await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 36 });
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context?.drawImage(video, 0, 0, 64, 36);
    video.srcObject = null;
    const pixels = context?.getImageData(0, 0, 64, 36).data ?? [];
    let green = 0;
    for (let at = 0; at < pixels.length; at += 4) if ((pixels[at] ?? 255) < 60 && (pixels[at + 1] ?? 0) > 200 && (pixels[at + 2] ?? 255) < 60) green += 1;
    return green / (64 * 36);
  })) as number;
}

test('the other person sees the replaced background, and the camera only after the effect was stopped', async ({ bench }) => {
  expect(existsSync(built), 'build the effects package first').toBe(true);
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { muted: true });
  const ben = await bench.person({ kind: 'member', member: 1 });
  await ben.enters(meeting.byLink, { muted: true });
  await ben.meets(anna);

  // Chosen before the camera is on.
  await anna.run(async (picture) => {
    const { BackgroundReplacementEffect } = (await import(/* the built package */ `${location.origin}/packages/calling-effects/index.js`)) as typeof effects;
    const [camera] = await sdk.devices.getCameras();
    if (!camera) throw new Error('no camera');
    const stream = new sdk.module.LocalVideoStream(camera, { autoDisposeOnCallEnd: false });
    (window as unknown as { mine: unknown }).mine = stream;
    await stream.feature(sdk.module.Features.VideoEffects).startEffects(new BackgroundReplacementEffect({ backgroundImageUrl: String(picture) }));
    await sdk.call.startVideo(stream);
  }, GREEN);
  await expect.poll(() => greenSeenBy(ben), { timeout: 60_000 }).toBeGreaterThan(0.7);

  // Off and on again: still the effect.
  await anna.run(async () => {
    const { mine } = window as unknown as { mine: Parameters<typeof sdk.call.startVideo>[0] };
    await sdk.call.stopVideo(mine);
    await sdk.call.startVideo(mine);
  });
  await expect.poll(() => greenSeenBy(ben), { timeout: 60_000 }).toBeGreaterThan(0.7);

  // The twin: without the effect it is the camera (Chromium's fake one is green too, but with other things in it and another green).
  await anna.run(async () => {
    const { mine } = window as unknown as { mine: Parameters<typeof sdk.call.startVideo>[0] };
    await mine.feature(sdk.module.Features.VideoEffects).stopEffects();
  });
  await expect.poll(() => greenSeenBy(ben), { timeout: 60_000 }).toBeLessThan(0.1);
});
