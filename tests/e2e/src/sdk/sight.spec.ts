/** What nobody can see is not sent: a view that is scrolled out of sight, has no size, or is on a hidden page; and its picture is back when it can be seen. */
import { expect, test } from './bench.js';
import { flow, stands } from './flow.js';
import { gather } from './gather.js';
import type { Person } from './person.js';

const STREAM = 'isReceivingChanged';

/** After a moment this person asks for no picture; from then on none arrives while sound goes on. */
async function getsNoPictures(who: Person, message: string): Promise<void> {
  await expect.poll(() => who.witness.sent.filter((frame) => frame.includes('"subscribe"')).at(-1), { message }).toContain('"wants":[]');
  await stands(async () => (await flow(who)).pictures, async () => (await flow(who)).sound, 150, message);
}

/** Keeps what the stream of somebody's camera tells of its arrival from now on. */
function listen(who: Person, id: string): Promise<void> {
  return who.run(([rawId, event]) => {
    const stream = sdk.participant(rawId)!.videoStreams.find(({ mediaStreamType }) => mediaStreamType === 'Video')!;
    const told: boolean[] = [];
    let isPaused = stream.isPaused;
    stream.on(event, () => {
      // A machine that is busy with other things may look like a weak connection; that is told, and not what this is about.
      if (stream.isPaused === isPaused) told.push(stream.isReceiving);
      isPaused = stream.isPaused;
    });
    Object.assign(window, { told, isReceiving: () => stream.isReceiving });
  }, [id, STREAM] as [string, typeof STREAM]);
}

const heard = (who: Person): Promise<{ told: boolean[]; now: boolean }> =>
  who.run(() => {
    const { told, isReceiving } = window as unknown as { told: boolean[]; isReceiving: () => boolean };
    return { told, now: isReceiving() };
  });

test('a tile that is scrolled out of sight is not sent, keeps its last picture, and runs again when it is scrolled back', async ({ bench }) => {
  const { anna, maria } = await gather(bench, { camera: true });
  await anna.decodes(maria);
  await anna.until((id) => sdk.participant(id)?.videoStreams[0]?.isReceiving, maria.id);
  await listen(anna, maria.id);
  const still = () => document.querySelectorAll('#stage canvas').length;

  await anna.run(() => { document.querySelector<HTMLElement>('#stage')!.style.margin = '4000px 0'; });
  await getsNoPictures(anna, 'no picture of Maria arrives');
  expect(await anna.run(still), 'her last picture stays').toBe(1);
  expect(await anna.run(() => document.querySelector('video')!.srcObject)).toBeNull();
  expect(await heard(anna)).toEqual({ told: [], now: true });

  // One tile before it comes into sight it runs.
  await anna.run(() => { scrollTo(0, 4_000 - innerHeight - 90); });
  await anna.until(() => document.querySelector('#stage')!.getBoundingClientRect().top > innerHeight);
  await anna.decodes(maria);
  expect(await anna.run(still)).toBe(0);
  expect(await heard(anna), 'applications are told nothing of it').toEqual({ told: [], now: true });

  // In a box of the page that scrolls.
  await anna.run(() => {
    const stage = document.querySelector<HTMLElement>('#stage')!;
    const box = document.createElement('div');
    Object.assign(box.style, { height: '300px', overflow: 'auto' });
    stage.before(box);
    box.append(stage);
    stage.style.margin = '0 0 2000px';
    scrollTo(0, 0);
  });
  await anna.decodes(maria);
  await anna.run(() => { document.querySelector('#stage')!.parentElement!.scrollTo(0, 1_500); });
  await getsNoPictures(anna, 'no picture arrives of who is scrolled away in a box');
  await anna.run(() => { document.querySelector('#stage')!.parentElement!.scrollTo(0, 0); });
  await anna.decodes(maria);
});

test('nothing is sent to a tile without a size or to a hidden page; the picture is back at once', async ({ bench }) => {
  const { anna, maria } = await gather(bench, { camera: true });
  await anna.decodes(maria);
  await anna.until((id) => sdk.participant(id)?.videoStreams[0]?.isReceiving, maria.id);
  await listen(anna, maria.id);
  await anna.run(() => { document.querySelector<HTMLElement>('#stage')!.style.display = 'none'; });
  await getsNoPictures(anna, 'no picture arrives for a tile that is not displayed');
  await anna.run(() => { document.querySelector<HTMLElement>('#stage')!.style.display = ''; });
  await anna.decodes(maria);

  const pageIs = (state: string): Promise<void> =>
    anna.run((visibilityState) => {
      Object.defineProperty(document, 'visibilityState', { value: visibilityState, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
  await pageIs('hidden');
  await getsNoPictures(anna, 'no picture arrives on a hidden page');
  await anna.hears();
  await pageIs('visible');
  await anna.decodes(maria);
  expect(await heard(anna)).toEqual({ told: [], now: true });
});
