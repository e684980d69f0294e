// @azure/communication-rooms against the rooms API: every method as it succeeds and as it typically fails.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { test } from 'node:test';

import { CommunicationIdentityClient } from '@azure/communication-identity';
import { RoomsClient } from '@azure/communication-rooms';
import { AzureKeyCredential } from '@azure/core-auth';
import { ClientSecretCredential } from '@azure/identity';

import { refused, worked } from './coverage.mjs';
import { ready } from './house.mjs';

const rooms = new RoomsClient(ready.connectionString);
const identities = new CommunicationIdentityClient(ready.connectionString);
const [endpoint, key] = /^endpoint=(.*?);accesskey=(.*)$/i.exec(ready.connectionString).slice(1);

const CLIENT = 'js-rooms';
const DAY = 24 * 60 * 60 * 1000;
const NOWHERE = '99199690362660524';

const status = (code, errorCode) => (error) => {
  assert.equal(error.statusCode, code, error.message);
  assert.equal(error.code, errorCode);
  assert.equal(error.details?.errorCode ?? errorCode, errorCode);
  return true;
};

const all = async (pages) => {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
};

const people = async (roomId) =>
  Object.fromEntries((await all(rooms.listParticipants(roomId))).map(({ id, role }) => [id.communicationUserId ?? id.rawId, role]));

test('a room without options is open from now for 180 days', async () => {
  const room = await rooms.createRoom();
  assert.match(room.id, /^[0-9]{16,18}$/);
  assert.ok(Math.abs(room.createdOn.getTime() - Date.now()) < 60_000);
  assert.equal(room.validUntil.getTime() - room.validFrom.getTime(), 180 * DAY);
  assert.equal(room.pstnDialOutEnabled, false);
  assert.deepEqual(await rooms.getRoom(room.id), room);
  worked('rooms.create', CLIENT);
  worked('rooms.get', CLIENT);
});

test('a room keeps its times, its dial-out and the roles of its people', async () => {
  const [presenter, attendee, consumer, collaborator] = await Promise.all([1, 2, 3, 4].map(() => identities.createUser()));
  const validFrom = new Date(Date.now() + DAY);
  const validUntil = new Date(Date.now() + 3 * DAY);
  const room = await rooms.createRoom({
    validFrom,
    validUntil,
    pstnDialOutEnabled: true,
    participants: [
      { id: presenter, role: 'Presenter' },
      { id: attendee },
      { id: consumer, role: 'Consumer' },
      { id: collaborator, role: 'Collaborator' },
    ],
  });
  assert.deepEqual([room.validFrom, room.validUntil, room.pstnDialOutEnabled], [validFrom, validUntil, true]);
  assert.deepEqual(await people(room.id), {
    [presenter.communicationUserId]: 'Presenter',
    [attendee.communicationUserId]: 'Attendee',
    [consumer.communicationUserId]: 'Consumer',
    [collaborator.communicationUserId]: 'Collaborator',
  });
  worked('rooms.listParticipants', CLIENT);
});

test('a room that ends before now, or lasts longer than 180 days, is refused with the field', async () => {
  for (const options of [
    { validUntil: new Date(Date.now() - DAY) },
    { validUntil: new Date(Date.now() + 181 * DAY) },
    { validFrom: new Date(Date.now() + 2 * DAY), validUntil: new Date(Date.now() + DAY) },
  ]) {
    await assert.rejects(rooms.createRoom(options), (error) => {
      assert.equal(error.details.error.details[0].target, 'ValidUntil');
      assert.equal(error.details.error.details[0].code, 'BadArgument');
      return status(400, 'BadRequest')(error);
    });
  }
  refused('rooms.create', CLIENT);
});

test('a change touches what it names, and the rest stays', async () => {
  const room = await rooms.createRoom();
  assert.deepEqual(await rooms.updateRoom(room.id, {}), room);
  const validUntil = new Date(Date.now() + 2 * DAY);
  const changed = await rooms.updateRoom(room.id, { validFrom: room.validFrom, validUntil });
  assert.deepEqual(changed, { ...room, validUntil });
  assert.deepEqual(await rooms.updateRoom(room.id, { pstnDialOutEnabled: true }), { ...changed, pstnDialOutEnabled: true });
  worked('rooms.update', CLIENT);
  await assert.rejects(rooms.updateRoom(room.id, { validFrom: room.validFrom, validUntil: new Date(0) }), status(400, 'BadRequest'));
  await assert.rejects(rooms.updateRoom(NOWHERE, {}), status(404, 'NotFound'));
  refused('rooms.update', CLIENT);
});

test('people are added, get other roles and are removed', async () => {
  const room = await rooms.createRoom();
  const [one, other, never] = await Promise.all([1, 2, 3].map(() => identities.createUser()));
  await rooms.addOrUpdateParticipants(room.id, [{ id: one, role: 'Presenter' }, { id: other }]);
  await rooms.addOrUpdateParticipants(room.id, [{ id: one, role: 'Consumer' }]);
  assert.deepEqual(await people(room.id), { [one.communicationUserId]: 'Consumer', [other.communicationUserId]: 'Attendee' });
  worked('rooms.addOrUpdateParticipants', CLIENT);
  await rooms.removeParticipants(room.id, [one, never, { phoneNumber: '+15551234567' }]);
  assert.deepEqual(await people(room.id), { [other.communicationUserId]: 'Attendee' });
  worked('rooms.removeParticipants', CLIENT);

  const stranger = { communicationUserId: '8:acs:nobody' };
  await assert.rejects(rooms.addOrUpdateParticipants(room.id, [{ id: stranger }]), status(400, 'BadRequest'));
  refused('rooms.addOrUpdateParticipants', CLIENT);
  await assert.rejects(rooms.removeParticipants(NOWHERE, [one]), status(404, 'NotFound'));
  refused('rooms.removeParticipants', CLIENT);
  await assert.rejects(all(rooms.listParticipants(NOWHERE)), status(404, 'NotFound'));
  refused('rooms.listParticipants', CLIENT);
  assert.deepEqual(await people(room.id), { [other.communicationUserId]: 'Attendee' });
});

test('a list of more people than a page holds is whole', async () => {
  const room = await rooms.createRoom();
  const guid = (number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  const ids = Array.from({ length: 230 }, (_, number) => `8:acs:${ready.resourceId}_${guid(number)}`);
  await rooms.addOrUpdateParticipants(
    room.id,
    ids.map((communicationUserId) => ({ id: { communicationUserId } })),
  );
  const pages = [];
  for await (const page of rooms.listParticipants(room.id).byPage()) pages.push(page);
  assert.deepEqual(
    pages.map((page) => page.length),
    [200, 30],
  );
  assert.deepEqual(
    pages.flat().map(({ id }) => id.communicationUserId),
    ids,
  );
});

test('a deleted room is gone', async () => {
  const room = await rooms.createRoom();
  await rooms.deleteRoom(room.id);
  worked('rooms.delete', CLIENT);
  await assert.rejects(rooms.getRoom(room.id), status(404, 'NotFound'));
  await assert.rejects(rooms.getRoom('not-a-room'), status(400, 'BadRequest'));
  refused('rooms.get', CLIENT);
  await assert.rejects(rooms.deleteRoom(room.id), status(404, 'NotFound'));
  refused('rooms.delete', CLIENT);
});

test('a list of more rooms than a page holds is whole', async () => {
  const made = new Set();
  for (let batch = 0; batch < 4; batch += 1) {
    for (const room of await Promise.all(Array.from({ length: 30 }, () => rooms.createRoom()))) made.add(room.id);
  }
  const pages = [];
  for await (const page of rooms.listRooms().byPage()) pages.push(page);
  assert.ok(pages.length >= 2);
  const listed = pages.flat().map(({ id }) => id);
  assert.equal(new Set(listed).size, listed.length);
  for (const id of made) assert.ok(listed.includes(id), id);
  worked('rooms.list', CLIENT);
  const stranger = new RoomsClient(endpoint, new AzureKeyCredential(Buffer.from('another key').toString('base64')));
  await assert.rejects(all(stranger.listRooms()), status(401, 'Unauthorized'));
  refused('rooms.list', CLIENT);
});

test('an application signs in with @azure/identity instead of using the key', async () => {
  const credential = new ClientSecretCredential(ready.tenantId, ready.application.clientId, ready.application.clientSecret, {
    authorityHost: new URL(ready.authority).origin,
    disableInstanceDiscovery: true,
  });
  const signedIn = new RoomsClient(endpoint, credential);
  const room = await signedIn.createRoom();
  assert.deepEqual(await rooms.getRoom(room.id), room);
});

test('every call works over plain http on loopback once that is allowed, and none before', async () => {
  const http = new RoomsClient(ready.httpOrigin, new AzureKeyCredential(key), { allowInsecureConnection: true });
  const user = await identities.createUser();
  const room = await http.createRoom();
  assert.deepEqual(await http.getRoom(room.id), room);
  assert.equal((await http.updateRoom(room.id, { pstnDialOutEnabled: true })).pstnDialOutEnabled, true);
  await http.addOrUpdateParticipants(room.id, [{ id: user }]);
  assert.equal((await all(http.listParticipants(room.id))).length, 1);
  await http.removeParticipants(room.id, [user]);
  assert.equal((await all(http.listParticipants(room.id))).length, 0);
  assert.ok((await all(http.listRooms())).some(({ id }) => id === room.id));
  await http.deleteRoom(room.id);
  await assert.rejects(http.getRoom(room.id), status(404, 'NotFound'));
  await assert.rejects(new RoomsClient(ready.httpOrigin, new AzureKeyCredential(key)).createRoom(), /insecure|https/i);
});

test('a creation that is sent again after a lost answer makes one room', async () => {
  const before = new Set((await all(rooms.listRooms())).map(({ id }) => id));
  const seen = [];
  const proxy = await losesFirstAnswer(ready.httpOrigin, seen);
  const http = new RoomsClient(proxy.origin, new AzureKeyCredential(key), { allowInsecureConnection: true });
  const room = await http.createRoom();
  proxy.close();
  assert.deepEqual(
    seen.map(({ method }) => method),
    ['POST', 'POST'],
  );
  assert.ok(seen[0].repeatId);
  assert.equal(seen[0].repeatId, seen[1].repeatId);
  assert.equal(seen[1].result, 'accepted');
  const made = (await all(rooms.listRooms())).map(({ id }) => id).filter((id) => !before.has(id));
  assert.deepEqual(made.filter((id) => id === room.id || id === seen[0].id), [room.id]);
});

/** A proxy that forwards everything, and says 503 instead of the first answer. It keeps the host that the client signed. */
async function losesFirstAnswer(origin, seen) {
  const target = new URL(origin);
  const server = createServer((asked, answer) => {
    const forwarded = httpRequest(
      { host: target.hostname, port: target.port, method: asked.method, path: asked.url, headers: asked.headers },
      async (response) => {
        const body = Buffer.concat(await response.toArray());
        seen.push({
          method: asked.method,
          repeatId: asked.headers['repeatability-request-id'],
          result: response.headers['repeatability-result'],
          id: JSON.parse(body.toString()).id,
        });
        if (seen.length === 1) answer.writeHead(503, { 'retry-after': '0' }).end();
        else answer.writeHead(response.statusCode, response.headers).end(body);
      },
    );
    asked.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
