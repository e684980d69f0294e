// @azure/communication-identity and @azure/communication-common against the communication facade.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { AzureCommunicationTokenCredential, createIdentifierFromRawId } from '@azure/communication-common';
import { CommunicationIdentityClient } from '@azure/communication-identity';
import { AzureKeyCredential } from '@azure/core-auth';

import { refused, worked } from './coverage.mjs';
import { applicationToken, claims, ready } from './house.mjs';
import { ownServer } from './own-server.mjs';

const CLIENT = 'js-identity';
const client = new CommunicationIdentityClient(ready.connectionString);
const [endpoint, key] = /^endpoint=(.*?);accesskey=(.*)$/i.exec(ready.connectionString).slice(1);

const status = (code, errorCode) => (error) => {
  assert.equal(error.statusCode, code, error.message);
  assert.ok(error.message.length > 0);
  if (errorCode !== undefined) assert.equal(error.code, errorCode);
  return true;
};

test('an identity is created and is a communication user of this resource', async () => {
  const user = await client.createUser();
  assert.match(user.communicationUserId, new RegExp(`^8:acs:${ready.resourceId}_[0-9a-f-]{36}$`));
  assert.equal(createIdentifierFromRawId(user.communicationUserId).kind, 'communicationUser');
  worked('identity.create', CLIENT);
});

test('identities are different', async () => {
  const [one, other] = await Promise.all([client.createUser(), client.createUser()]);
  assert.notEqual(one.communicationUserId, other.communicationUserId);
});

test('an identity is created with its token, which the common credential takes', async () => {
  const { user, token, expiresOn } = await client.createUserAndToken(['voip']);
  const credential = new AzureCommunicationTokenCredential(token);
  const parsed = await credential.getToken();
  assert.equal(parsed.token, token);
  assert.ok(Math.abs(parsed.expiresOnTimestamp - expiresOn.getTime()) < 2_000);
  const day = 24 * 60 * 60 * 1000;
  assert.ok(Math.abs(expiresOn.getTime() - Date.now() - day) < 120_000, `expires ${expiresOn.toISOString()}`);
  const payload = claims(token);
  assert.equal(`8:${payload.skypeid}`, user.communicationUserId);
  assert.equal(payload.acsScope, 'voip');
  assert.equal(payload.resourceId, ready.resourceId);
  assert.match(payload.anteroomSignal, /^wss?:\/\/.+\/signal$/);
  credential.dispose();
  worked('identity.createWithToken', CLIENT);
});

test('the payload of a token is plain enough for every client', async () => {
  const { token } = await client.createUserAndToken(['chat', 'voip']);
  assert.match(token.split('.')[1], /^[A-Za-z0-9]+$/);
});

for (const minutes of [60, 1440]) {
  test(`a token may live ${minutes} minutes`, async () => {
    const user = await client.createUser();
    const { expiresOn } = await client.getToken(user, ['voip'], { tokenExpiresInMinutes: minutes });
    assert.ok(Math.abs(expiresOn.getTime() - Date.now() - minutes * 60_000) < 120_000);
    worked('identity.issueToken', CLIENT);
  });
}

for (const minutes of [59, 1441]) {
  test(`a token may not live ${minutes} minutes`, async () => {
    const user = await client.createUser();
    await assert.rejects(client.getToken(user, ['voip'], { tokenExpiresInMinutes: minutes }), status(400, 'ValidationError'));
    await assert.rejects(client.createUserAndToken(['voip'], { tokenExpiresInMinutes: minutes }), status(400, 'ValidationError'));
    refused('identity.createWithToken', CLIENT);
  });
}

test('every scope may be asked for, and one that does not exist may not', async () => {
  const user = await client.createUser();
  for (const scope of ['chat', 'chat.join', 'chat.join.limited', 'voip', 'voip.join']) {
    assert.equal(claims((await client.getToken(user, [scope])).token).acsScope, scope);
  }
  await assert.rejects(client.getToken(user, ['everything']), status(400));
});

test('a token without any scope is refused', async () => {
  await assert.rejects(client.getToken(await client.createUser(), []), status(400, 'ValidationError'));
});

test('after a revocation new tokens can be had', async () => {
  const { user } = await client.createUserAndToken(['voip']);
  await client.revokeTokens(user);
  assert.ok((await client.getToken(user, ['voip'])).token);
  worked('identity.revokeTokens', CLIENT);
  const unknown = { communicationUserId: `8:acs:${ready.resourceId}_${randomUUID()}` };
  await assert.rejects(client.revokeTokens(unknown), status(404, 'IdentityNotFound'));
  refused('identity.revokeTokens', CLIENT);
});

test('a deleted identity gets no token any more', async () => {
  const user = await client.createUser();
  assert.ok((await client.getToken(user, ['voip'])).token);
  await client.deleteUser(user);
  worked('identity.delete', CLIENT);
  await assert.rejects(client.getToken(user, ['voip']), status(404, 'IdentityNotFound'));
  refused('identity.issueToken', CLIENT);
  await client.deleteUser(user);
  await assert.rejects(client.deleteUser({ communicationUserId: `8:acs:${randomUUID()}_${randomUUID()}` }), status(404, 'IdentityNotFound'));
  refused('identity.delete', CLIENT);
});

test('identities that do not exist get no token', async () => {
  await assert.rejects(client.getToken({ communicationUserId: `8:acs:${ready.resourceId}_${randomUUID()}` }, ['voip']), status(404));
  await assert.rejects(client.getToken({ communicationUserId: `8:acs:${randomUUID()}_${randomUUID()}` }, ['voip']), (error) => {
    assert.ok([400, 404].includes(error.statusCode), error.message);
    return true;
  });
});

test('endpoint and key may be given apart', async () => {
  const apart = new CommunicationIdentityClient(endpoint, new AzureKeyCredential(key));
  assert.ok((await apart.createUser()).communicationUserId);
});

test('a wrong key is refused', async () => {
  const wrong = Buffer.from('not the key of this resource').toString('base64');
  const stranger = new CommunicationIdentityClient(endpoint, new AzureKeyCredential(wrong));
  await assert.rejects(stranger.createUser(), status(401, 'Unauthorized'));
  refused('identity.create', CLIENT);
});

test('the application may sign in instead of using the key, and a token that is none is refused', async () => {
  const scopes = [];
  const tokenCredential = (give) => ({
    getToken: async (scope) => {
      scopes.push(scope);
      return { token: await give(), expiresOnTimestamp: Date.now() + 600_000 };
    },
  });
  const signedIn = new CommunicationIdentityClient(
    endpoint,
    tokenCredential(async () => (await applicationToken('https://communication.azure.com//.default')).accessToken),
  );
  assert.ok((await signedIn.createUser()).communicationUserId);
  assert.deepEqual([scopes[0]].flat(), ['https://communication.azure.com//.default']);
  const stranger = new CommunicationIdentityClient(
    endpoint,
    tokenCredential(async () => 'e30.e30.e30'),
  );
  await assert.rejects(stranger.createUser(), status(401));
});

test('every call works over plain http on loopback once that is allowed, and none before', async () => {
  const http = new CommunicationIdentityClient(ready.httpOrigin, new AzureKeyCredential(key), { allowInsecureConnection: true });
  assert.ok((await http.createUser()).communicationUserId);
  const { user } = await http.createUserAndToken(['chat']);
  assert.ok((await http.getToken(user, ['voip'])).token);
  await http.revokeTokens(user);
  await http.deleteUser(user);
  await assert.rejects(http.getToken(user, ['voip']), status(404, 'IdentityNotFound'));
  await assert.rejects(new CommunicationIdentityClient(ready.httpOrigin, new AzureKeyCredential(key)).createUser(), /insecure|https/i);
});

test('an endpoint with a slash at its end is the same endpoint', async () => {
  const slashed = new CommunicationIdentityClient(`${endpoint.replace(/\/$/, '')}/`, new AzureKeyCredential(key));
  const user = await slashed.createUser();
  assert.ok((await slashed.getToken(user, ['chat'])).token);
});

test('who asks too often waits as long as the server says, and then gets the answer', async () => {
  const own = await ownServer(['--rate-limit', 'identities.create=2']);
  const busy = new CommunicationIdentityClient(own.ready.connectionString, { retryOptions: { maxRetries: 0 } });
  await busy.createUser();
  await busy.createUser();
  await assert.rejects(busy.createUser(), (error) => {
    const wait = Number(error.response.headers.get('retry-after'));
    assert.ok(wait >= 1 && wait <= 30, `retry-after ${wait}`);
    return status(429, 'TooManyRequests')(error);
  });
  const patient = new CommunicationIdentityClient(own.ready.connectionString);
  assert.ok((await patient.createUser()).communicationUserId);
  await own.stop();
});
