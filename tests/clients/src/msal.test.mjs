// @azure/msal-node: the application signs in with its secret, a member with the sign-in page.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CommunicationIdentityClient } from '@azure/communication-identity';

import { refused, worked } from './coverage.mjs';
import { applicationToken, claims, colleague, graphWith, organizer, ready } from './house.mjs';
import { SCOPES, member } from './member.mjs';

const CLIENT = 'js-msal-node';
const GRAPH = '00000003-0000-0000-c000-000000000000';

test('the application gets a token with its permissions and no delegated scope', async () => {
  const { accessToken, expiresOn } = await applicationToken();
  const payload = claims(accessToken);
  assert.ok(payload.roles.includes('OnlineMeetings.ReadWrite.All') || payload.roles.includes('OnlineMeetings.Read.All'), String(payload.roles));
  assert.equal(payload.scp, undefined);
  assert.equal(payload.tid, ready.tenantId);
  assert.equal(payload.azp ?? payload.appid, ready.application.clientId);
  assert.ok(expiresOn > new Date());
  worked('signIn.secret', CLIENT);
});

test('a wrong secret is refused as an invalid client', async () => {
  await assert.rejects(applicationToken(undefined, 'not-the-secret'), (error) => {
    assert.equal(error.errorCode, 'invalid_client');
    return true;
  });
  refused('signIn.secret', CLIENT);
});

test('a member signs in, is named, and the token is silently renewed', async () => {
  const { application, redeem } = await member(organizer);
  const result = await redeem();
  assert.equal(result.account.username, organizer.userPrincipalName);
  assert.equal(result.account.homeAccountId, `${organizer.id}.${ready.tenantId}`);
  assert.equal(result.account.name, organizer.displayName);
  const payload = claims(result.accessToken);
  assert.equal(payload.aud, GRAPH);
  assert.deepEqual(new Set(payload.scp.split(' ')).has('Teams.ManageCalls'), true);
  assert.match(payload.anteroomSignal, /^wss?:\/\//);
  worked('signIn.code', CLIENT);
  const renewed = await application.acquireTokenSilent({ account: result.account, scopes: SCOPES, forceRefresh: true });
  assert.notEqual(renewed.accessToken, result.accessToken);
  assert.equal(renewed.account.homeAccountId, result.account.homeAccountId);
  worked('signIn.refresh', CLIENT);
});

test('a code can be used once', async () => {
  const { redeem } = await member(organizer);
  assert.ok((await redeem()).accessToken);
  await assert.rejects(redeem(), (error) => error.errorCode === 'invalid_grant');
  refused('signIn.code', CLIENT);
});

test('a code without the right verifier is worth nothing', async () => {
  const { redeem } = await member(organizer);
  await assert.rejects(redeem({ codeVerifier: 'x'.repeat(50) }), (error) => error.errorCode === 'invalid_grant');
});

test('an answer to another question is not taken', async () => {
  const { redeem } = await member(organizer);
  await assert.rejects(redeem({ nonce: 'another-nonce' }), (error) => error.errorCode === 'nonce_mismatch');
});

test('a wrong password brings the page again and no code', async () => {
  await assert.rejects(member({ ...organizer, password: 'not the password' }), /did not come back|no form/);
});

test('a signed-in member reads the own profile and only the own meetings', async () => {
  const { redeem } = await member(colleague);
  const { accessToken } = await redeem();
  const graph = graphWith(async () => accessToken);
  const me = await graph.api('/me').get();
  assert.equal(me.id, colleague.id);
  assert.equal(me.userPrincipalName, colleague.userPrincipalName);
  const own = await graph.api('/me/onlineMeetings').post({ subject: 'Mine', startDateTime: '2026-12-01T10:00:00Z', endDateTime: '2026-12-01T11:00:00Z' });
  assert.equal(own.participants.organizer.identity.user.id, colleague.id);
  await assert.rejects(graph.api(`/users/${organizer.id}/onlineMeetings`).post({ subject: 'Not mine' }), (error) => {
    assert.equal(error.statusCode, 403);
    return true;
  });
});

test('a member exchanges the own token for a communication token, and nobody else does', async () => {
  const { redeem, clientId } = await member(organizer);
  const { accessToken } = await redeem();
  const client = new CommunicationIdentityClient(ready.connectionString);
  const exchange = (options) => client.getTokenForTeamsUser({ teamsUserAadToken: accessToken, clientId, userObjectId: organizer.id, ...options });
  assert.equal(claims((await exchange({})).token).skypeid, `orgid:${organizer.id}`);
  const refused = (error) => {
    assert.ok([400, 401, 403].includes(error.statusCode), error.message);
    return true;
  };
  await assert.rejects(exchange({ userObjectId: colleague.id }), refused);
  await assert.rejects(exchange({ teamsUserAadToken: 'e30.e30.e30' }), refused);
  await assert.rejects(exchange({ clientId: 'not-a-guid' }), refused);
});
