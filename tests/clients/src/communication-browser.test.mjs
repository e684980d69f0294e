// The identity and rooms clients and the common credential in Chromium, from another origin, over HTTPS: every request is a cross-origin one with a
// preflight. The relay client is beside that of Node: relay.test.mjs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Browser } from '../browser/browser.mjs';
import { refused, worked } from './coverage.mjs';
import { claims, organizer, ready } from './house.mjs';
import { member } from './member.mjs';
import { ownServer } from './own-server.mjs';

const IDENTITY = 'js-identity-browser';
const ROOMS = 'js-rooms-browser';
const COMMON = 'js-common-browser';
const CLIENTS = 'https://communication.azure.com/clients/';
const EXTENSION = 'https://auth.msft.communication.azure.com/';

let browser;
let page;
let user;

before(async () => {
  browser = await Browser.open(ready.origin);
  page = await browser.page('communication.mjs');
});

after(() => browser?.close());

/** A refusal that the page could read: its body and the headers that the server lets a page see. */
function readable(failure, statusCode, code) {
  assert.equal(failure?.statusCode, statusCode);
  assert.equal(failure.code, code);
  assert.equal(failure.errorCode, code);
  assert.ok(failure.clientRequestId);
}

test('identities and tokens are made, revoked and deleted from a page', async () => {
  const done = await page.evaluate((connectionString) => globalThis.communication.identity(connectionString), ready.connectionString);
  user = done.user;
  assert.equal(`8:${claims(done.token).skypeid}`, user.communicationUserId);
  assert.equal(claims(done.withToken).acsScope, 'voip');
  for (const operation of ['create', 'createWithToken', 'issueToken', 'revokeTokens', 'delete']) worked(`identity.${operation}`, IDENTITY);
  const { 'identity.createWithToken': invalid, ...unknown } = done.failures;
  readable(invalid, 400, 'ValidationError');
  for (const failure of Object.values(unknown)) readable(failure, 404, 'IdentityNotFound');
  for (const operation of Object.keys(done.failures)) refused(operation, IDENTITY);
});

test("a page exchanges a member's token", async () => {
  const { redeem, clientId } = await member(organizer, ['Teams.ManageCalls']);
  const { accessToken: teamsUserAadToken } = await redeem();
  const done = await page.evaluate(
    ([connectionString, options]) => globalThis.communication.exchange(connectionString, options),
    [ready.connectionString, { teamsUserAadToken, clientId, userObjectId: organizer.id }],
  );
  assert.equal(claims(done.token).skypeid, `orgid:${organizer.id}`);
  worked('identity.exchangeMemberToken', IDENTITY);
  readable(done.failure, 401, 'InvalidAccessToken');
  refused('identity.exchangeMemberToken', IDENTITY);
});

test("the common credential exchanges a member's token in a page, for either audience", async () => {
  const tokenOf = async (scopes) => (await (await member(organizer, scopes)).redeem()).accessToken;
  const exchange = (...args) => page.evaluate((given) => globalThis.communication.credential(...given), [ready.origin, ...args]);
  const ofClients = await tokenOf([`${CLIENTS}VoIP`, `${CLIENTS}Chat`]);
  const calling = [`${EXTENSION}TeamsExtension.ManageCalls`];
  const done = await exchange(ofClients);
  assert.deepEqual(done.asked[0], [`${CLIENTS}.default`]);
  assert.deepEqual([claims(done.token).skypeid, claims(done.token).acsScope], [`orgid:${organizer.id}`, 'chat,voip']);
  worked('identity.exchangeEntraToken', COMMON);
  const extension = await exchange(await tokenOf(calling), calling);
  assert.equal(claims(extension.token).acsScope, 'voip');
  worked('identity.exchangeTeamsExtensionToken', COMMON);
  assert.match((await exchange(await tokenOf([`${EXTENSION}Teams.ManageCalls`]))).refused, /Status: 401/);
  refused('identity.exchangeEntraToken', COMMON);
  assert.match((await exchange(ofClients, calling)).refused, /Status: 401/);
  refused('identity.exchangeTeamsExtensionToken', COMMON);
});

test('rooms are made, read, changed, listed and deleted from a page', async () => {
  const done = await page.evaluate(([connectionString, guest]) => globalThis.communication.rooms(connectionString, guest), [ready.connectionString, user]);
  assert.equal(done.same, done.id);
  assert.deepEqual([done.dials, done.roles, done.nobody, done.listed], [true, ['Consumer'], 0, true]);
  const { 'rooms.create': invalid, ...unknown } = done.failures;
  readable(invalid, 400, 'BadRequest');
  for (const failure of Object.values(unknown)) readable(failure, 404, 'NotFound');
  for (const operation of Object.keys(done.failures)) refused(operation, ROOMS);
  for (const operation of [...Object.keys(done.failures), 'rooms.list']) worked(operation, ROOMS);
});

test('a refused signature can be read by a page too', async () => {
  const failures = await page.evaluate((endpoint) => globalThis.communication.withWrongKey(endpoint), ready.origin);
  for (const failure of Object.values(failures)) readable(failure, 401, 'Unauthorized');
  refused('identity.create', IDENTITY);
  refused('rooms.list', ROOMS);
});

test('a page reads how long it has to wait', async () => {
  const own = await ownServer(['--rate-limit', 'identities.create=2']);
  // Over http, since Chromium was told to trust the key of the common server only.
  const key = /accesskey=(.*)$/.exec(own.ready.connectionString)[1];
  const failure = await page.evaluate(([endpoint, secret]) => globalThis.communication.tooOften(endpoint, secret), [own.ready.httpOrigin, key]);
  await own.stop();
  readable(failure, 429, 'TooManyRequests');
  assert.ok(Number(failure.retryAfter) >= 1);
});
