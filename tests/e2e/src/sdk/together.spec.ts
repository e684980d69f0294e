/** The together view end to end: a second browser composes it from the videos that it receives, in the seats that the server says. */
import { expect, test } from './bench.js';
import type { Person } from './person.js';

const TOGETHER = 'Features.TogetherMode';

/** Shows the composed stream on the page. */
async function show(): Promise<void> {
  const [stream] = sdk.call.feature(sdk.module.Features.TogetherMode).togetherModeStream;
  if (stream === undefined) throw new Error('there is no together view');
  const view = await new sdk.module.VideoStreamRenderer(stream).createView({ scalingMode: 'Fit' });
  Object.assign(view.target.style, { width: '640px', height: '360px' });
  document.querySelector('#stage')?.append(view.target);
  Object.assign(window, { together: view });
}

/** How much of somebody's seat is another colour than half a second of frames before, in hundredths; the composed picture is read from the page's video. */
async function motion(person: Person, id: string): Promise<number> {
  return person.run(async (rawId) => {
    const feature = sdk.call.feature(sdk.module.Features.TogetherMode);
    const seat = feature.togetherModeSeatingMap.get(rawId);
    const { together } = window as unknown as { together: { target: HTMLElement } };
    const video = together.target.querySelector('video');
    if (!seat || !video || video.videoWidth === 0) return 0;
    const canvas = document.createElement('canvas');
    const scale = video.videoWidth / feature.sceneSize!.width;
    canvas.width = Math.round(seat.width * scale);
    canvas.height = Math.round(seat.height * scale);
    const pen = canvas.getContext('2d', { willReadFrequently: true })!;
    const read = (): Uint8ClampedArray => {
      pen.drawImage(video, seat.left * scale, seat.top * scale, canvas.width, canvas.height, 0, 0, canvas.width, canvas.height);
      return pen.getImageData(0, 0, canvas.width, canvas.height).data;
    };
    const before = read();
    for (let frames = 0; frames < 12; frames += 1) await new Promise((done) => { video.requestVideoFrameCallback(done); });
    const after = read();
    let changed = 0;
    for (let at = 0; at < after.length; at += 4) if (Math.abs((after[at] ?? 0) - (before[at] ?? 0)) > 24) changed += 1;
    return (changed * 400) / after.length;
  }, id);
}

test('a member begins it; another browser shows a moving picture in the right seat; a guest is told nothing, unless the policy opens it', async ({ bench }) => {
  await bench.policy({ guestTogetherView: false });
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  const ben = await bench.person({ kind: 'member', member: 1 });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  await anna.enters(meeting.byLink, { camera: true, muted: true });
  for (const person of [ben, maria]) {
    await person.enters(meeting.byLink, { muted: true });
    await person.events(TOGETHER, 'togetherModeStreamsUpdated', 'togetherModeSeatingUpdated', 'togetherModeSceneUpdated');
  }
  await Promise.all([ben.meets(anna), maria.meets(anna), anna.meets(maria)]);

  const start = () => sdk.call.feature(sdk.module.Features.TogetherMode).start();
  expect(await maria.refused(start)).toMatchObject({ code: 403, subCode: 46306 });
  const before = ben.witness.sent.filter((frame) => frame.includes('"subscribe"')).length;
  await anna.run(start);
  await ben.waitEvent<{ added: unknown[] }>(TOGETHER, 'togetherModeStreamsUpdated', ({ added }) => added.length === 1);
  const seats = await ben.waitEvent<Record<string, { left: number; top: number; width: number; height: number }>>(TOGETHER, 'togetherModeSeatingUpdated');
  expect(Object.keys(seats)[0], 'who has a camera sits first').toBe(anna.id);
  expect(Object.keys(seats).sort()).toEqual([anna.id, ben.id, maria.id].sort());

  // Nobody looks yet: no video is asked for.
  expect(ben.witness.sent.filter((frame) => frame.includes('"subscribe"')).length).toBe(before);
  await ben.run(show);
  await expect.poll(() => motion(ben, anna.id), { timeout: 60_000, message: 'the picture in the seat moves' }).toBeGreaterThan(2);
  expect(await motion(ben, maria.id), 'who has no camera sits still').toBeLessThan(1);
  expect(await ben.run(() => sdk.call.feature(sdk.module.Features.TogetherMode).togetherModeStream[0]?.isReceiving)).toBe(true);

  // Another size of the scene: the seats follow, and so does the picture.
  await ben.run(() => { sdk.call.feature(sdk.module.Features.TogetherMode).sceneSize = { width: 640, height: 360 }; });
  const scaled = await ben.waitEvent<Record<string, { width: number }>>(TOGETHER, 'togetherModeSceneUpdated');
  expect(scaled[anna.id]?.width).toBe(Math.round((seats[anna.id]?.width ?? 0) / 2));
  await ben.until(() => (window as unknown as { together: { target: HTMLElement } }).together.target.querySelector('video')?.videoWidth === 640);
  await expect.poll(() => motion(ben, anna.id), { message: 'the picture still moves' }).toBeGreaterThan(2);

  // Nothing of this reached the guest.
  expect(maria.heard(TOGETHER, 'togetherModeStreamsUpdated')).toEqual([]);
  expect(maria.witness.frames.join('\n')).not.toContain('"together":[');
  // The twin: the policy opens it while the meeting is held.
  await bench.policy({ guestTogetherView: true });
  await maria.waitEvent<{ added: unknown[] }>(TOGETHER, 'togetherModeStreamsUpdated', ({ added }) => added.length === 1);
  await maria.run(show);
  await expect.poll(() => motion(maria, anna.id), { timeout: 60_000, message: 'the guest sees it move' }).toBeGreaterThan(2);
  await bench.policy({ guestTogetherView: false });
  await maria.waitEvent<{ removed: unknown[] }>(TOGETHER, 'togetherModeStreamsUpdated', ({ removed }) => removed.length === 1);

  // Who looks no more asks for no video; the end is told.
  await ben.run(() => { (window as unknown as { together: { dispose(): void } }).together.dispose(); });
  await expect.poll(() => ben.witness.sent.filter((frame) => frame.includes('"subscribe"')).at(-1)).toContain('"wants":[]');
  await anna.run(() => sdk.call.meeting!.setTogether(false));
  await ben.waitEvent<{ removed: unknown[] }>(TOGETHER, 'togetherModeStreamsUpdated', ({ removed }) => removed.length === 1);
});

test('who joins later is told of it, and an attendee cannot end it', async ({ bench }) => {
  await bench.policy({ guestTogetherView: true });
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { muted: true });
  await anna.run(() => sdk.call.feature(sdk.module.Features.TogetherMode).start());
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  await maria.events(TOGETHER, 'togetherModeStreamsUpdated');
  await maria.enters(meeting.byLink, { muted: true });
  await maria.waitEvent<{ added: unknown[] }>(TOGETHER, 'togetherModeStreamsUpdated', ({ added }) => added.length === 1);
  expect((await maria.refused(() => sdk.call.meeting!.setTogether(false))).subCode).toBe(46303);
});
