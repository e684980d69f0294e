// @microsoft/microsoft-graph-client in a page of another origin: the headers that it sends are let through, and those that it needs can be read.
// Its operations are tested beside those of Node: graph-operations, calendar, notifications, attendance.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { SEATS } from './graph-seats.mjs';
import { organizer } from './house.mjs';

let seat;
let graph;
before(async () => {
  seat = await SEATS.find(({ place }) => place === 'in Chromium').open();
  graph = await seat.application();
});
after(() => seat?.close());

/** The headers of the request that the page sends for this call, as they left the browser. */
async function sent(call, path) {
  const request = seat.page.waitForRequest((one) => one.method() !== 'OPTIONS' && new URL(one.url()).pathname.startsWith(path));
  await call();
  return (await request).allHeaders();
}

test('the headers of the client and of its callers pass the preflight', async () => {
  const search = () => graph.api('/users').header('ConsistencyLevel', 'eventual').search(`"displayName:${organizer.displayName.split(' ')[0]}"`).get();
  const searching = await sent(search, '/v1.0/users');
  assert.equal(searching.consistencylevel, 'eventual');
  assert.match(searching.sdkversion, /^graph-js\/3\.0\.7/);
  assert.match(searching['client-request-id'], /^[\da-f-]{36}$/);
  assert.match(searching.authorization, /^Bearer /);
  assert.notEqual(searching.origin, new URL(graph.access.baseUrl).origin, 'the page is of another origin');
  const event = { subject: 'x', start: { dateTime: '2026-12-01T09:00:00', timeZone: 'UTC' }, end: { dateTime: '2026-12-01T10:00:00', timeZone: 'UTC' } };
  const { id, '@odata.etag': etag } = await graph.api(`/users/${organizer.id}/events`).post(event);
  const path = `/users/${organizer.id}/events/${id}`;
  const reading = await sent(() => graph.api(path).header('Prefer', 'outlook.timezone="Pacific Standard Time"').get(), `/v1.0/users/${organizer.id}/events`);
  assert.equal(reading.prefer, 'outlook.timezone="Pacific Standard Time"');
  const changing = await sent(() => graph.api(path).header('If-Match', etag).patch({ subject: 'y' }), `/v1.0/users/${organizer.id}/events`);
  assert.equal(changing['if-match'], etag);
});

test('a page can read the ids of an answer and of a refusal, and where the new thing is', async () => {
  const path = `/users/${organizer.id}/onlineMeetings`;
  const { status, headers, body } = await seat.posted(graph, path, { subject: 'Knee check-up' });
  assert.deepEqual([status, body.subject], [201, 'Knee check-up']);
  assert.match(headers['request-id'], /^[\da-f-]{36}$/);
  assert.match(headers['client-request-id'], /^[\da-f-]{36}$/);
  assert.equal((await graph.api(headers.location).get()).id, body.id);
  const refusal = await graph.api(`${path}/nonsense`).get().catch((error) => error);
  assert.equal(refusal.statusCode, 404);
  assert.equal(refusal.headers['request-id'], refusal.requestId);
});

test('a page can read the challenge of a refused token', async () => {
  const refusal = await seat.as('not.a.token').api('/me').get().catch((error) => error);
  assert.deepEqual([refusal.statusCode, refusal.code], [401, 'InvalidAuthenticationToken']);
  assert.match(refusal.headers['www-authenticate'], /^Bearer /);
});
