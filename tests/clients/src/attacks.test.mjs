/**
 * Attacks that must fail, sent by hand since the official clients do not send them: forged tokens, tokens at the wrong door, and signatures
 * that were altered, moved or kept too long. Each has a twin that shows the door opening for the right credential.
 */
import assert from 'node:assert/strict';
import { createHash, createHmac, createPublicKey, createSign, generateKeyPairSync } from 'node:crypto';
import { request } from 'node:https';
import { test } from 'node:test';

import { CommunicationIdentityClient } from '@azure/communication-identity';

import { applicationToken, colleague, graph, organizer, ready } from './house.mjs';
import { graphOf, member } from './member.mjs';

const identities = new CommunicationIdentityClient(ready.connectionString);
const key = /accesskey=(.*)$/i.exec(ready.connectionString)[1];
const origin = new URL(ready.origin);

/** One request exactly as given; `fetch` would mend what an attacker leaves crooked. */
function send(method, target, headers = {}, body = '') {
  return new Promise((resolve, reject) => {
    // The certificate is for the server, whatever host the request names.
    const sent = request({ host: origin.hostname, servername: origin.hostname, port: origin.port, method, path: target, headers }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString('utf8') }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const bearer = (token) => ({ authorization: `Bearer ${token}` });

/** What each door is, and how it is asked. */
const doors = {
  graph: (token) => send('GET', `/v1.0/users/${organizer.id}`, bearer(token)),
  me: (token) => send('GET', '/v1.0/me', bearer(token)),
  identities: (token) => send('POST', '/identities?api-version=2023-10-01', bearer(token)),
  rooms: (token) => send('GET', '/rooms?api-version=2025-03-13', bearer(token)),
  chat: (token) => send('GET', '/chat/threads?api-version=2025-03-15', bearer(token)),
  realtime: (token) => send('POST', '/v4/a', { 'x-skypetoken': token, 'content-type': 'text/plain' }),
  administration: (token) => send('GET', '/api/admin/settings', bearer(token)),
};

async function tokens() {
  const [graphApplication, communication, guest, silent] = await Promise.all([
    applicationToken(),
    applicationToken('https://communication.azure.com//.default'),
    identities.createUserAndToken(['chat', 'voip']),
    identities.createUserAndToken(['voip']),
  ]);
  const { redeem } = await member(organizer);
  const { accessToken, idToken } = await redeem();
  return {
    graphApplication: graphApplication.accessToken,
    communication: communication.accessToken,
    guest: guest.token,
    guestWithoutChat: silent.token,
    member: accessToken,
    idToken,
  };
}

const opens = {
  graph: ['graphApplication', 'member'],
  me: ['member'],
  identities: ['communication'],
  rooms: ['communication'],
  chat: ['guest'],
  realtime: ['guest'],
  administration: [],
};

test('a token opens the door that it was issued for and no other', async () => {
  const all = await tokens();
  for (const [door, ask] of Object.entries(doors)) {
    for (const [name, token] of Object.entries(all)) {
      const { status, text } = await ask(token);
      if (opens[door].includes(name)) assert.ok(status < 300, `${name} at ${door}: ${status} ${text}`);
      else assert.ok([400, 401, 403].includes(status), `${name} at ${door}: ${status} ${text}`);
    }
  }
});

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Tokens with the claims of a real one, made by somebody who does not have our key. */
async function forgeries(real) {
  const [head, body] = real.split('.').slice(0, 2).map((text) => JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  const signature = real.split('.')[2];
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rs256 = (header, payload, privateKey) => {
    const input = `${part(header)}.${part(payload)}`;
    return `${input}.${createSign('RSA-SHA256').update(input).sign(privateKey, 'base64url')}`;
  };
  const hs256 = (header, payload, secret) => {
    const input = `${part(header)}.${part(payload)}`;
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  };
  const { keys } = JSON.parse((await send('GET', `/${ready.tenantId}/discovery/v2.0/keys`)).text);
  const ours = createPublicKey({ key: keys.find((candidate) => candidate.kid === head.kid), format: 'jwk' });
  const pem = ours.export({ type: 'spki', format: 'pem' });
  const jwk = foreign.publicKey.export({ format: 'jwk' });
  return {
    'no algorithm': `${part({ ...head, alg: 'none' })}.${part(body)}.`,
    'no algorithm, in other letters': `${part({ ...head, alg: 'NoNe' })}.${part(body)}.`,
    'our public key as a shared secret': hs256({ ...head, alg: 'HS256' }, body, pem),
    'our public key as a shared secret, in DER': hs256({ ...head, alg: 'HS256' }, body, ours.export({ type: 'spki', format: 'der' })),
    'a foreign key under our key id': rs256(head, body, foreign.privateKey),
    'a foreign key that comes along': rs256({ ...head, jwk }, body, foreign.privateKey),
    'a foreign key at an address': rs256({ ...head, jku: 'https://127.0.0.1/keys', kid: 'other' }, body, foreign.privateKey),
    'no key id': rs256({ alg: 'RS256', typ: 'JWT' }, body, foreign.privateKey),
    'other claims under an old signature': `${part(head)}.${part({ ...body, exp: body.exp + 3600 })}.${signature}`,
    'no signature': `${part(head)}.${part(body)}.`,
    'another tenant, foreign key': rs256(head, { ...body, tid: '11111111-2222-4333-8444-555555555555' }, foreign.privateKey),
    'an endless name': `${part(head)}.${part({ ...body, name: 'x'.repeat(20_000) })}.${signature}`,
  };
}

test('a forged token opens nothing, while the one that it was made from does', async () => {
  const all = await tokens();
  const real = { graph: all.graphApplication, me: all.member, identities: all.communication, rooms: all.communication, chat: all.guest, realtime: all.guest };
  for (const [door, token] of Object.entries(real)) {
    assert.ok((await doors[door](token)).status < 300, door);
    for (const [name, forged] of Object.entries(await forgeries(token))) {
      const { status, text } = await doors[door](forged);
      assert.ok([400, 401, 431].includes(status), `${name} at ${door}: ${status} ${text}`);
    }
  }
});

const ALL = ['x-ms-date', 'host', 'x-ms-content-sha256'];

/** A signed request; `sent` replaces what is sent after the signature was made. */
function signed(method, target, body = '', { sent = {}, minutes = 0, names = ALL, with: secret = key, host = origin.host } = {}) {
  const hash = (text) => createHash('sha256').update(text).digest('base64');
  const values = { 'x-ms-date': new Date(Date.now() + minutes * 60_000).toUTCString(), host, 'x-ms-content-sha256': hash(body) };
  const text = `${method}\n${target}\n${names.map((name) => values[name]).join(';')}`;
  const signature = createHmac('sha256', Buffer.from(secret, 'base64')).update(text).digest('base64');
  const headers = { ...values, 'content-type': 'application/json', authorization: `HMAC-SHA256 SignedHeaders=${names.join(';')}&Signature=${signature}`, ...sent.headers };
  return () => send(sent.method ?? method, sent.target ?? target, headers, sent.body ?? body);
}

const CREATE = '/identities?api-version=2023-10-01';

test('a signed request may be repeated as it is, since clients retry with the same signature', async () => {
  const repeat = signed('POST', CREATE);
  assert.equal((await repeat()).status, 201);
  assert.equal((await repeat()).status, 201);
});

test('a signature is worth nothing on another request, later, or when it leaves something out', async () => {
  const body = '{"createTokenWithScopes":["voip"]}';
  assert.equal((await signed('POST', CREATE, body)()).status, 201);
  const { user } = await identities.createUserAndToken(['voip']);
  const token = `/identities/${encodeURIComponent(user.communicationUserId)}/:issueAccessToken?api-version=2023-10-01`;
  const wrong = {
    'another body': signed('POST', CREATE, body, { sent: { body: '{"createTokenWithScopes":["chat"]}' } }),
    'another body with its own hash': signed('POST', CREATE, body, {
      sent: { body: '{}', headers: { 'x-ms-content-sha256': createHash('sha256').update('{}').digest('base64') } },
    }),
    'another path': signed('POST', CREATE, body, { sent: { target: token } }),
    'another query': signed('POST', CREATE, body, { sent: { target: `${CREATE}&x=1` } }),
    'another verb': signed('POST', token, '', { sent: { method: 'DELETE', target: token.replace(/\/:.*/, '') } }),
    'another service': signed('POST', CREATE, '', { sent: { target: '/rooms?api-version=2025-03-13' } }),
    'another letter case of the path': signed('POST', token, body, { sent: { target: token.replace('issueAccessToken', 'ISSUEACCESSTOKEN') } }),
    'another date': signed('POST', CREATE, body, { sent: { headers: { 'x-ms-date': new Date(Date.now() + 60_000).toUTCString() } } }),
    'another server': signed('POST', CREATE, body, { host: 'elsewhere.example', sent: { headers: { host: origin.host } } }),
    'sixteen minutes old': signed('POST', CREATE, body, { minutes: -16 }),
    'sixteen minutes ahead': signed('POST', CREATE, body, { minutes: 16 }),
    'the body not signed': signed('POST', CREATE, body, { names: ['x-ms-date', 'host'] }),
    'the date not signed': signed('POST', CREATE, body, { names: ['host', 'x-ms-content-sha256'] }),
    'the host not signed': signed('POST', CREATE, body, { names: ['x-ms-date', 'x-ms-content-sha256'] }),
    'another key': signed('POST', CREATE, body, { with: Buffer.from('x'.repeat(64)).toString('base64') }),
  };
  for (const [name, ask] of Object.entries(wrong)) {
    const { status, headers, text } = await ask();
    assert.equal(status, 401, `${name}: ${status} ${text}`);
    assert.ok(JSON.parse(text).error.code.length > 0, name);
    assert.equal(headers['retry-after'], undefined, `${name}: clients would try again`);
  }
  assert.equal((await signed('POST', CREATE, body, { minutes: -14 })()).status, 201);
});

test('another organizer’s meeting is not read, changed or deleted, by whichever way', async () => {
  const theirs = await graph.api(`/users/${colleague.id}/onlineMeetings`).post({ subject: 'Not yours' });
  const mine = await graphOf(organizer);
  const refusedAs = (...statuses) => (error) => statuses.includes(error.statusCode) || assert.fail(`${error.statusCode} ${error.message}`);
  await assert.rejects(mine.api(`/me/onlineMeetings/${theirs.id}`).get(), refusedAs(403, 404));
  await assert.rejects(mine.api(`/users/${colleague.id}/onlineMeetings/${theirs.id}`).get(), refusedAs(403, 404));
  await assert.rejects(mine.api(`/me/onlineMeetings/${theirs.id}`).patch({ subject: 'Mine now' }), refusedAs(403, 404));
  await assert.rejects(mine.api(`/me/onlineMeetings/${theirs.id}`).delete(), refusedAs(403, 404));
  await assert.rejects(mine.api(`/me/onlineMeetings/${theirs.id}/attendanceReports`).get(), refusedAs(403, 404));
  const link = encodeURIComponent(theirs.joinWebUrl);
  for (const owner of ['/me', `/users/${colleague.id}`]) {
    const found = await mine.api(`${owner}/onlineMeetings?$filter=JoinWebUrl%20eq%20'${link}'`).get().catch((error) => error);
    assert.ok(found.statusCode === 403 || found.statusCode === 404 || found.value?.length === 0, owner);
  }
  const owners = await graphOf(colleague);
  assert.equal((await owners.api(`/me/onlineMeetings/${theirs.id}`).get()).subject, 'Not yours');
});

test('another thread is neither read nor written, and nobody learns whether it exists', async () => {
  const [owner, stranger] = await Promise.all([identities.createUserAndToken(['chat']), identities.createUserAndToken(['chat'])]);
  const json = (token) => ({ ...bearer(token), 'content-type': 'application/json' });
  const created = await send('POST', '/chat/threads?api-version=2025-03-15', json(owner.token), JSON.stringify({ topic: 'Ours' }));
  assert.equal(created.status, 201, created.text);
  const thread = `/chat/threads/${encodeURIComponent(JSON.parse(created.text).chatThread.id)}`;
  const sent = await send('POST', `${thread}/messages?api-version=2025-03-15`, json(owner.token), JSON.stringify({ content: 'between us' }));
  assert.equal(sent.status, 201, sent.text);
  const message = JSON.parse(sent.text).id;
  const tries = (base) => [
    ['GET', base],
    ['PATCH', base, { topic: 'mine' }],
    ['DELETE', base],
    ['GET', `${base}/messages`],
    ['POST', `${base}/messages`, { content: 'hello' }],
    ['GET', `${base}/messages/${message}`],
    ['PATCH', `${base}/messages/${message}`, { content: 'changed' }],
    ['DELETE', `${base}/messages/${message}`],
    ['GET', `${base}/participants`],
    ['POST', `${base}/participants/:add`, { participants: [{ communicationIdentifier: { communicationUser: { id: stranger.user.communicationUserId } } }] }],
    ['POST', `${base}/participants/:remove`, { communicationUser: { id: owner.user.communicationUserId } }],
    ['POST', `${base}/typing`, {}],
    ['GET', `${base}/readReceipts`],
    ['POST', `${base}/readReceipts`, { chatMessageId: message }],
  ];
  const unknown = `/chat/threads/${encodeURIComponent(`19:${'A'.repeat(43)}@thread.v2`)}`;
  const answers = async (base) => {
    const all = [];
    for (const [method, path, body] of tries(base)) {
      const answer = await send(method, `${path}?api-version=2025-03-15`, json(stranger.token), body === undefined ? '' : JSON.stringify(body));
      assert.equal(answer.status, 403, `${method} ${path}: ${answer.status} ${answer.text}`);
      all.push(JSON.parse(answer.text).error.code);
    }
    return all;
  };
  assert.deepEqual(await answers(thread), await answers(unknown), 'a thread of others and none at all are refused alike');
  const still = await send('GET', `${thread}/messages/${message}?api-version=2025-03-15`, json(owner.token));
  assert.equal(JSON.parse(still.text).content.message, 'between us');
});
