// The routes with a fake meeting server and fake identities: what a guest is told, and what not.
import { once } from 'node:events';
import { createServer } from 'node:http';

import { afterEach, expect, test } from 'vitest';

import { endpointOf } from '../server/config.mjs';
import { Guests } from '../server/guests.mjs';
import { Limit } from '../server/limit.mjs';
import { routes } from '../server/routes.mjs';

const JOIN_URL = 'https://meet.example.org/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%7d';
const ENDPOINT = 'https://meet.example.org';
const MEETING = { id: 'm-1', subject: 'Maria: test results', joinUrl: JOIN_URL, start: '2026-11-22T10:00:00Z' };

class Identities {
  created = 0;
  calls = [];
  async createUserAndToken(scopes, options) {
    this.created += 1;
    this.calls.push(['create', scopes, options]);
    return { user: { communicationUserId: `8:acs:r_${this.created}` }, token: `token-${this.created}-1`, expiresOn: new Date(0) };
  }
  async getToken(user, scopes, options) {
    this.calls.push(['token', user.communicationUserId, scopes, options]);
    return { token: `token-of-${user.communicationUserId}`, expiresOn: new Date(0) };
  }
}

let server;
afterEach(() => server?.close());

async function start(meetings = {}, limit = undefined) {
  const identities = new Identities();
  const known = { byJoinUrl: async (url) => (url === JOIN_URL ? MEETING : undefined), byId: async () => undefined, ...meetings };
  server = createServer(routes({ meetings: known, guests: new Guests({}, identities, limit), communicationEndpoint: ENDPOINT }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  const post = (body, headers = {}) =>
    fetch(`${origin}/api/visit`, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) });
  return { origin, identities, post };
}

test('a guest with the link gets a token, the link and no subject', async () => {
  const { post, identities } = await start();
  const response = await post({ meeting: JOIN_URL });
  expect(response.status).toBe(200);
  const answer = await response.json();
  expect(answer).toMatchObject({ userId: '8:acs:r_1', token: 'token-1-1', joinUrl: JOIN_URL, start: MEETING.start, endpoint: ENDPOINT });
  expect(JSON.stringify(answer)).not.toContain('test results');
  expect(identities.calls).toEqual([['create', ['voip.join', 'chat.join.limited'], { tokenExpiresInMinutes: 60 }]]);
});

test('the same browser gets a fresh token of the same identity, another browser another identity', async () => {
  const { post, identities } = await start();
  const first = await post({ meeting: JOIN_URL });
  const cookie = first.headers.get('set-cookie').split(';')[0];
  const again = await (await post({ meeting: JOIN_URL }, { cookie })).json();
  expect(again).toMatchObject({ userId: '8:acs:r_1', token: 'token-of-8:acs:r_1' });
  expect(identities.created).toBe(1);
  await post({ meeting: JOIN_URL });
  expect(identities.created).toBe(2);
});

test('a session that this application never gave stands for nobody', async () => {
  const { post, identities } = await start();
  await post({ meeting: JOIN_URL });
  const response = await post({ meeting: JOIN_URL }, { cookie: 'riverside_visit=guessed' });
  expect(response.status).toBe(200);
  expect(identities.created).toBe(2);
  expect(response.headers.get('set-cookie')).not.toContain('guessed');
});

test('one source gets so many new identities and no more for a while; who already has one goes on', async () => {
  let now = 0;
  const { post, identities } = await start({}, new Limit({ most: 2, spanMs: 60_000, now: () => now }));
  const first = await post({ meeting: JOIN_URL });
  const cookie = first.headers.get('set-cookie').split(';')[0];
  expect((await post({ meeting: JOIN_URL })).status).toBe(200);
  now = 15_000;
  const refused = await post({ meeting: JOIN_URL });
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('45');
  expect((await refused.json()).error.code).toBe('tooManyGuests');
  expect(identities.created).toBe(2);
  expect((await post({ meeting: JOIN_URL }, { cookie })).status).toBe(200);
  now = 60_000;
  expect((await post({ meeting: JOIN_URL })).status).toBe(200);
});

test('sources are counted apart', () => {
  const limit = new Limit({ most: 1, spanMs: 1000, now: () => 0 });
  expect([limit.take('a'), limit.take('b'), limit.take('a')]).toEqual([0, 0, 1000]);
});

test('the session cookie is out of reach of scripts and other sites', async () => {
  const { post } = await start();
  expect((await post({ meeting: JOIN_URL })).headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Lax/);
});

test('an unknown meeting is refused with a sentence and no identity is made', async () => {
  const { post, identities } = await start();
  const response = await post({ meeting: 'https://meet.example.org/elsewhere' });
  expect(response.status).toBe(404);
  expect((await response.json()).error).toMatchObject({ code: 'visitNotFound', message: expect.stringContaining('clinic') });
  expect(identities.created).toBe(0);
});

test.each([
  ['a body that names no meeting', {}, {}, 400, 'meetingMissing'],
  ['a meeting that is no text', { meeting: 7 }, {}, 400, 'meetingMissing'],
  ['a body that is no object', 'x', {}, 400, 'malformedBody'],
  ['a body that is not JSON by its type', { meeting: JOIN_URL }, { 'Content-Type': 'text/plain' }, 415, 'jsonExpected'],
  ['a body that is too large', { meeting: 'x'.repeat(20_000) }, {}, 413, 'bodyTooLarge'],
])('%s is refused', async (_, body, headers, status, code) => {
  const { post } = await start();
  const response = await post(body, headers);
  expect(response.status).toBe(status);
  expect((await response.json()).error.code).toBe(code);
});

test('a meeting server that cannot be asked is said, without its details', async () => {
  const { post } = await start({
    byJoinUrl: async () => {
      throw new Error('connect ECONNREFUSED 10.0.0.7');
    },
  });
  const response = await post({ meeting: JOIN_URL });
  expect(response.status).toBe(502);
  expect(await response.text()).not.toContain('10.0.0.7');
});

test('a guest who has not asked for the visit learns no thread and no subject, and neither does one who has', async () => {
  const { origin, post } = await start();
  const before = await (await fetch(`${origin}/api/visit?${new URLSearchParams({ meeting: JOIN_URL })}`)).json();
  expect(Object.keys(before).toSorted()).toEqual(['start', 'title']);
  const ticket = await (await post({ meeting: JOIN_URL })).json();
  expect(Object.keys(ticket).toSorted()).toEqual(['endpoint', 'expiresOn', 'joinUrl', 'start', 'title', 'token', 'userId']);
});

test('the endpoint is read from the connection string, and a string without one is refused', () => {
  expect(endpointOf('endpoint=https://meet.example.org:8443/;accesskey=x')).toBe('https://meet.example.org:8443');
  expect(endpointOf('accesskey=x;Endpoint=https://meet.example.org')).toBe('https://meet.example.org');
  expect(() => endpointOf('accesskey=x')).toThrow(/endpoint/);
  expect(() => endpointOf('endpoint=meet;accesskey=x')).toThrow(/endpoint/);
});

test('the page sends no form anywhere, shows no other page, and takes scripts from here alone', async () => {
  const { origin } = await start();
  const response = await fetch(`${origin}/visit`);
  const policy = Object.fromEntries((response.headers.get('content-security-policy') ?? '').split('; ').map((part) => part.split(/ (.*)/s)));
  const nothing = ['form-action', 'frame-src', 'object-src', 'base-uri', 'frame-ancestors'];
  expect(nothing.map((name) => policy[name])).toEqual(nothing.map(() => "'none'"));
  expect([policy['default-src'], policy['script-src']]).toEqual(["'self'", undefined]);
});

test('other paths answer 404', async () => {
  const { origin } = await start();
  expect((await fetch(`${origin}/../server.mjs`)).status).toBe(404);
  expect((await fetch(`${origin}/server/config.mjs`)).status).toBe(404);
});
