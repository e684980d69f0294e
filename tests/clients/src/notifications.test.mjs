// Change notifications with @microsoft/microsoft-graph-client: every method on subscriptions, in Node and in a page, and what a receiver gets of a real meeting,
// decrypted and verified with node's own cryptography.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { constants, createDecipheriv, createHmac, createPublicKey, privateDecrypt, randomUUID, timingSafeEqual, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ConfidentialClientApplication, CryptoProvider, PublicClientApplication } from '@azure/msal-node';
import { Client } from '@microsoft/microsoft-graph-client';

import { selfSigned } from './certificates.mjs';
import { refused, worked } from './coverage.mjs';
import { SEATS } from './graph-seats.mjs';
import { claims } from './house.mjs';
import { startReceiver } from './notification-receiver.mjs';
import { ownServer } from './own-server.mjs';
import { signIn } from './sign-in.mjs';

/** How many subscriptions an application may make in a minute. */
const MOST_A_MINUTE = 120;
const PUBLISHER = '0bf30f3b-4a52-48df-9a82-234910c4a086';
const binary = process.env.ANTEROOM_BINARY ?? fileURLToPath(new URL('../../../target/debug/anteroom', import.meta.url));

let receiver;
let own;
let dir;
let graph;
/** Opened when they are first needed, by their places. */
const seats = {};

before(async () => {
  receiver = await startReceiver();
  dir = mkdtempSync(join(tmpdir(), 'anteroom-receiver-'));
  writeFileSync(join(dir, 'ca.pem'), receiver.ca);
  own = await ownServer(['--allow-outbound', '127.0.0.1', '--outbound-ca', join(dir, 'ca.pem')]);
  graph = graphAs(await applicationToken());
  await letAnybodyBegin();
});

after(async () => {
  for (const seat of Object.values(seats)) await seat.close();
  await own?.stop();
  await receiver?.stop();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

function graphAs(accessToken) {
  const base = new URL(own.ready.graphBaseUrl);
  return Client.initWithMiddleware({
    baseUrl: base.href,
    customHosts: new Set([base.hostname]),
    authProvider: { getAccessToken: async () => accessToken },
  });
}

async function applicationToken() {
  const { clientId, clientSecret } = own.ready.application;
  const application = new ConfidentialClientApplication({
    auth: { clientId, clientSecret, authority: own.ready.authority, knownAuthorities: [new URL(own.ready.authority).host] },
  });
  const { accessToken } = await application.acquireTokenByClientCredential({ scopes: [`${new URL(own.ready.graphBaseUrl).origin}/.default`] });
  return accessToken;
}

async function administratorToken() {
  const { meetClientId } = await (await fetch(new URL('/api/config', own.ready.authority))).json();
  const application = new PublicClientApplication({
    auth: { clientId: meetClientId, authority: own.ready.authority, knownAuthorities: [new URL(own.ready.authority).host] },
  });
  const redirectUri = new URL('/auth/callback', own.ready.authority).href;
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const scopes = ['User.Read', 'Settings.ReadWrite.All'];
  const url = await application.getAuthCodeUrl({ scopes, redirectUri, codeChallenge: challenge, codeChallengeMethod: 'S256', responseMode: 'query' });
  const back = await signIn(url, own.ready.members[2], redirectUri);
  const { accessToken } = await application.acquireTokenByCode({ code: back.searchParams.get('code'), scopes, redirectUri, codeVerifier: verifier });
  return accessToken;
}

/** Anonymous people may begin meetings: then a visitor needs nobody. */
async function letAnybodyBegin() {
  const url = new URL('/api/admin/settings', own.ready.origin);
  const headers = { authorization: `Bearer ${await administratorToken()}`, 'content-type': 'application/json' };
  const { policy } = await (await fetch(url, { headers })).json();
  const name = Object.keys(policy).find((key) => /anonymousUsersToStart/i.test(key));
  const answer = await fetch(url, { method: 'PATCH', headers, body: JSON.stringify({ policy: { [name]: true } }) });
  assert.equal(answer.status, 200);
}

const schedule = () =>
  graph.api(`/users/${own.ready.members[0].id}/onlineMeetings`).post({ subject: 'Visit', lobbyBypassSettings: { scope: 'everyone' } });

const resource = (meeting, encode = encodeURIComponent) =>
  `communications/onlineMeetings(joinWebUrl='${encode(meeting.joinWebUrl)}')/meetingCallEvents`;

const minutes = (count) => new Date(Date.now() + count * 60_000).toISOString();

const subscription = (meeting, more = {}) => ({
  changeType: 'updated',
  notificationUrl: receiver.url('/hook'),
  resource: resource(meeting),
  expirationDateTime: minutes(60),
  clientState: 'a state',
  ...more,
});

const fails = (statusCode, code, message) => (error) => {
  assert.equal(error.statusCode, statusCode, `${error.code}: ${error.message}`);
  assert.equal(error.code, code);
  assert.ok(error.requestId);
  if (message !== undefined) assert.match(error.message, message);
  return true;
};

test('the link of the resource may be encoded twice, and the older name means the same', async () => {
  const meeting = await schedule();
  for (const spelling of [
    `/${resource(meeting, (link) => encodeURIComponent(encodeURIComponent(link)))}`,
    `/communications/onlineMeetings/?$filter=JoinWebUrl eq '${meeting.joinWebUrl}'`,
  ]) {
    const made = await graph.api('/subscriptions').post(subscription(meeting, { resource: spelling }));
    await assert.rejects(graph.api('/subscriptions').post(subscription(meeting)), fails(409, 'nameAlreadyExists'));
    await graph.api(`/subscriptions/${made.id}`).delete();
  }
});

test('a receiver is told of a meeting from its beginning to its end, encrypted for it alone', async () => {
  const meeting = await schedule();
  const encryption = selfSigned({ commonName: 'encryption' });
  const made = await graph.api('/subscriptions').post(
    subscription(meeting, {
      notificationUrl: receiver.url('/rich'),
      lifecycleNotificationUrl: receiver.url('/life'),
      expirationDateTime: minutes(180),
      includeResourceData: true,
      encryptionCertificate: encryption.der.toString('base64'),
      encryptionCertificateId: 'mine',
    }),
  );
  const link = meeting.joinWebUrl;
  const visitor = spawn(binary, ['bot', 'join', '--name', 'Maria', '--no-video', '--no-audio', '--ca', own.ready.caCertificate, '--link', link], {
    stdio: 'ignore',
  });
  const about = ({ item }) => item.subscriptionId === made.id;
  const event = async (wanted) => {
    const { item, validationTokens } = await receiver.next('/rich', (entry) => about(entry) && wanted(decrypt(entry.item, encryption)));
    await checkToken(validationTokens[0], own.ready);
    assert.equal(item.clientState, 'a state');
    assert.equal(item.tenantId, own.ready.tenantId);
    assert.equal(item.resource, resource(meeting));
    assert.ok(!JSON.stringify(item).includes('Maria'), 'outside of the ciphertext nobody is named');
    return decrypt(item, encryption);
  };
  try {
    const started = await event(({ eventType }) => eventType === 'callStarted');
    assert.equal(started.callEventType, 'callStarted');
    assert.equal(started['@odata.type'], '#microsoft.graph.callevent');
    assert.ok(Math.abs(Date.parse(started.eventDateTime) - Date.now()) < 60_000);
    const maria = ({ info }) => Object.values(info.identity).some(({ displayName }) => displayName === 'Maria');
    const came = await event((content) => content['participants@delta']?.some((one) => maria(one) && !one.isInLobby && !one.removedState));
    assert.equal(came.eventType, 'rosterUpdated');
    visitor.kill('SIGINT');
    const left = await event((content) => content['participants@delta']?.some((one) => maria(one) && one.removedState));
    assert.equal(left.eventType, 'rosterUpdated');
    await event(({ eventType }) => eventType === 'callEnded');
  } finally {
    visitor.kill('SIGKILL');
  }
});

test('what was not accepted comes again, under the same id', async () => {
  const meeting = await schedule();
  const made = await graph.api('/subscriptions').post(subscription(meeting, { notificationUrl: receiver.url('/refusing') }));
  receiver.refuseNext(503);
  const visitor = spawn(binary, ['bot', 'join', '--name', 'Maria', '--no-video', '--no-audio', '--seconds', '1', '--ca', own.ready.caCertificate, '--link', meeting.joinWebUrl], {
    stdio: 'ignore',
  });
  try {
    const first = await receiver.next('/refusing', ({ status }) => status === 503);
    const again = await receiver.next('/refusing', ({ status, item }) => status === 202 && item.id === first.item.id);
    assert.deepEqual(again.item, first.item);
    assert.equal(again.item.subscriptionId, made.id);
    assert.equal(again.item.encryptedContent, undefined);
  } finally {
    visitor.kill('SIGKILL');
  }
});

for (const { place, open } of SEATS) {
  const seated = async () => {
    const seat = (seats[place] ??= await open(own.ready));
    return { seat, graph: seat.as(await applicationToken()) };
  };

  test(`a subscription is made, read, listed, renewed, reauthorized and deleted ${place}`, async () => {
    const { seat, graph } = await seated();
    const meeting = await schedule();
    const made = await graph.api('/subscriptions').post(subscription(meeting));
    assert.equal(made.applicationId, own.ready.application.clientId);
    assert.equal(made.clientState, 'a state');
    worked('subscriptions.create', seat.client);
    const path = `/subscriptions/${made.id}`;
    assert.equal((await graph.api(path).version('beta').get()).id, made.id);
    assert.equal((await graph.api(path).get()).resource, resource(meeting));
    worked('subscriptions.get', seat.client);
    const listed = await graph.api('/subscriptions').get();
    assert.ok(listed.value.some(({ id }) => id === made.id));
    worked('subscriptions.list', seat.client);
    const later = minutes(59);
    const renewed = await graph.api(path).patch({ expirationDateTime: later });
    assert.equal(Date.parse(renewed.expirationDateTime), Date.parse(later));
    worked('subscriptions.renew', seat.client);
    await graph.api(`${path}/reauthorize`).post({});
    worked('subscriptions.reauthorize', seat.client);
    await graph.api(path).delete();
    worked('subscriptions.delete', seat.client);
    await assert.rejects(graph.api(path).get(), fails(404, 'ResourceNotFound'));
  });

  test(`each method fails as the client knows it ${place}`, async () => {
    const { seat, graph } = await seated();
    const meeting = await schedule();
    const create = (more) => graph.api('/subscriptions').post(subscription(meeting, more));
    const invalid = (message) => fails(400, 'InvalidArgument', message);
    await assert.rejects(create({ notificationUrl: receiver.url('/hook', '169.254.169.254') }), invalid(/not public/));
    await assert.rejects(create({ notificationUrl: receiver.url('/hook', '127.0.0.2') }), invalid(/not public/));
    await assert.rejects(create({ notificationUrl: receiver.url('/hook').replace('https', 'http') }), invalid(/https/));
    await assert.rejects(create({ expirationDateTime: minutes(120) }), invalid(/lifecycleNotificationUrl/));
    await assert.rejects(create({ includeResourceData: true }), invalid(/encryptionCertificate/));
    await assert.rejects(create({ clientState: 'x'.repeat(129) }), invalid(/clientState/));
    const made = await create({});
    await assert.rejects(create({}), fails(409, 'nameAlreadyExists'));
    refused('subscriptions.create', seat.client);
    await graph.api(`/subscriptions/${made.id}`).delete();

    await assert.rejects(seat.as('not.a.token').api('/subscriptions').get(), fails(401, 'InvalidAuthenticationToken'));
    refused('subscriptions.list', seat.client);
    const nowhere = `/subscriptions/${randomUUID()}`;
    const notFound = fails(404, 'ResourceNotFound');
    await assert.rejects(graph.api(nowhere).get(), notFound);
    refused('subscriptions.get', seat.client);
    await assert.rejects(graph.api(nowhere).patch({ expirationDateTime: minutes(50) }), notFound);
    refused('subscriptions.renew', seat.client);
    await assert.rejects(graph.api(`${nowhere}/reauthorize`).post({}), notFound);
    refused('subscriptions.reauthorize', seat.client);
    await assert.rejects(graph.api(nowhere).delete(), notFound);
    refused('subscriptions.delete', seat.client);
    await assert.rejects(graph.api('/subscriptions/getVapidPublicKey()').get(), notFound);
    refused('subscriptions.vapidPublicKey', seat.client);
  });
}

test('a page that makes too many subscriptions can read how long it has to wait', async () => {
  const seat = seats['in Chromium'];
  const access = seat.as(await applicationToken());
  const meeting = await schedule();
  let refusal;
  for (let tries = 0; refusal === undefined && tries < MOST_A_MINUTE + 1; tries += 1) {
    const { status, headers, body } = await seat.posted(access, '/subscriptions', subscription(meeting));
    if (status === 201) await access.api(`/subscriptions/${body.id}`).delete();
    else refusal = { status, headers, body };
  }
  assert.equal(refusal.status, 429, JSON.stringify(refusal));
  assert.ok(Number(refusal.headers['retry-after']) >= 1);
  assert.equal(refusal.body.error.code, 'TooManyRequests');
});

/** What an item says, decrypted as receivers are told to do it. */
function decrypt(item, { key, certificate }) {
  const { data, dataSignature, dataKey, encryptionCertificateId, encryptionCertificateThumbprint } = item.encryptedContent;
  assert.equal(encryptionCertificateId, 'mine');
  assert.equal(encryptionCertificateThumbprint, new X509Certificate(certificate).fingerprint.replaceAll(':', ''));
  const symmetric = privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, Buffer.from(dataKey, 'base64'));
  assert.equal(symmetric.length, 32);
  const signature = createHmac('sha256', symmetric).update(Buffer.from(data, 'base64')).digest();
  assert.ok(timingSafeEqual(signature, Buffer.from(dataSignature, 'base64')));
  const decipher = createDecipheriv('aes-256-cbc', symmetric, symmetric.subarray(0, 16));
  return JSON.parse(Buffer.concat([decipher.update(data, 'base64'), decipher.final()]).toString('utf8'));
}

/** The token beside the items: by our keys, for this application, from the publisher. */
async function checkToken(jwt, ready) {
  const configuration = await (await fetch(`${ready.authority}/v2.0/.well-known/openid-configuration`)).json();
  const { keys } = await (await fetch(configuration.jwks_uri)).json();
  const [header, payload, signature] = jwt.split('.');
  const { kid, alg } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
  assert.equal(alg, 'RS256');
  const key = createPublicKey({ key: keys.find((one) => one.kid === kid), format: 'jwk' });
  assert.ok(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')));
  const said = claims(jwt);
  assert.equal(said.aud, ready.application.clientId);
  assert.equal(said.tid, ready.tenantId);
  assert.equal(said.azp, PUBLISHER);
  assert.equal(said.appid, PUBLISHER);
  assert.ok(said.exp * 1000 > Date.now());
  assert.match(said.iss, new RegExp(`/${ready.tenantId}/v2\\.0$`));
}
