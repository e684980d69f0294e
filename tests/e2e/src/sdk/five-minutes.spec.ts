/** The five-minute path of docs/calling-sdk.md: its code, as it stands on the page, run against a server. */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { build } from 'esbuild';

import { blockOf } from '../../../../web/harness/tools/blocks.mjs';
import type { House } from '../house.js';
import { expect, test } from './bench.js';
import { Site } from './site.js';

const GUIDE = 'docs/calling-sdk.md';
const suite = join(dirname(fileURLToPath(import.meta.url)), '../..');
const sources = join(suite, '../../web/packages/calling/src/index.ts');
const HTML = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Five minutes</title><link rel="icon" href="data:,"></head><body><script type="module" src="/page.js"></script></body></html>';

/** Step 4 in a process of its own, over HTTPS, with the authority of the dev mode trusted as the page says. */
async function tokenOf(house: House): Promise<{ token: string; id: string }> {
  const program = [
    'const connectionString = process.env.CONNECTION_STRING;',
    blockOf(GUIDE, 'token.mjs'),
    'process.stdout.write(JSON.stringify({ token, id: user.communicationUserId }));',
  ];
  const env = { ...process.env, CONNECTION_STRING: house.ready.connectionString, NODE_EXTRA_CA_CERTS: house.ready.caCertificate };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program.join('\n')], { cwd: suite, env });
  return JSON.parse(stdout) as { token: string; id: string };
}

/** Step 5 as an application's bundler takes it, under the name of the package that is replaced. */
async function pageOf(given: { token: string; meetingLink: string }): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `const { token, meetingLink } = ${JSON.stringify(given)} as const;\n${blockOf(GUIDE, 'join.mts')}`,
      loader: 'ts',
      resolveDir: suite,
    },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
    alias: { '@azure/communication-calling': sources },
  });
  return outputFiles[0]!.text;
}

test('whoever copies the page has a token, waits in the lobby, is seen and heard once let in, and sees the others', async ({ bench, house }) => {
  const meeting = await bench.meeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { camera: true });
  const { token, id } = await tokenOf(house);
  const script = await pageOf({ token, meetingLink: meeting.joinWebUrl });
  const site = await Site.serving((pathname) => ({ '/': HTML, '/page.js': script })[pathname]);
  // The page is on http; what the token names is encrypted, with a certificate of this run.
  const context = await (await bench.browser()).newContext({ permissions: ['camera', 'microphone'], ignoreHTTPSErrors: true });
  try {
    const page = await context.newPage();
    const errors: string[] = [];
    const said: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => said.push(message.text()));
    await page.goto(site.origin);
    await expect.poll(() => said, { message: 'the page says that it waits' }).toContainEqual(expect.stringMatching(/^InLobby\b/));
    expect(await page.locator('video').count(), 'who waits sees nobody').toBe(0);
    await anna.admits({ id });
    await anna.meets({ id });
    expect(await anna.run((who) => sdk.participant(who)?.displayName, id)).toBe('Maria');
    await Promise.all([anna.decodes({ id }), anna.hears()]);
    const frames = (): Promise<number> => page.locator('video').first().evaluate((video: HTMLVideoElement) => video.getVideoPlaybackQuality().totalVideoFrames);
    const before = await frames();
    await expect.poll(frames, { timeout: 60_000, message: 'Maria sees Anna move' }).toBeGreaterThan(before + 3);
    await anna.run(() => sdk.call.stopVideo(sdk.call.localVideoStreams[0]!));
    await expect(page.locator('video')).toHaveCount(0);
    await anna.leave({ forEveryone: true });
    await expect.poll(() => said).toContainEqual(expect.stringMatching(/^Disconnected .*\w/));
    expect(said.map((line) => line.split(' ')[0])).toEqual(['InLobby', 'Connected', 'Disconnected']);
    expect(errors).toEqual([]);
  } finally {
    await context.close();
    site.close();
  }
});
