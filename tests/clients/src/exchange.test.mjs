// The exchanges of a member's token: by @azure/communication-identity, and by the credential of @azure/communication-common itself.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { AzureCommunicationTokenCredential } from '@azure/communication-common';
import { CommunicationIdentityClient } from '@azure/communication-identity';

import { refused, worked } from './coverage.mjs';
import { applicationToken, claims, organizer, ready } from './house.mjs';
import { member } from './member.mjs';

const CLIENTS = 'https://communication.azure.com/clients/';
const EXTENSION = 'https://auth.msft.communication.azure.com/';
const TEAMS = [`${EXTENSION}Teams.ManageCalls`, `${EXTENSION}Teams.ManageChats`];

const status = (code, errorCode) => (error) => {
  assert.equal(error.statusCode, code, error.message);
  assert.equal(error.code, errorCode);
  return true;
};

/** A token credential for a member, as an application's page has one; `asked` is what the clients asked it for. */
async function memberCredential(scopes) {
  const { redeem } = await member(organizer, scopes);
  const { accessToken, expiresOn } = await redeem();
  const asked = [];
  const getToken = async (wanted) => {
    asked.push([wanted].flat());
    return { token: accessToken, expiresOnTimestamp: expiresOn.getTime() };
  };
  return { getToken, asked };
}

async function exchanged(credential) {
  const { token, expiresOnTimestamp } = await credential.getToken();
  credential.dispose();
  assert.ok(expiresOnTimestamp > Date.now());
  return claims(token);
}

test('a member exchanges the own token, and nobody exchanges another member\'s', async () => {
  const client = new CommunicationIdentityClient(ready.connectionString);
  const { redeem, clientId } = await member(organizer, TEAMS);
  const { accessToken } = await redeem();
  const ask = (changed) => client.getTokenForTeamsUser({ teamsUserAadToken: accessToken, clientId, userObjectId: organizer.id, ...changed });
  const { token, expiresOn } = await ask({});
  assert.equal(claims(token).skypeid, `orgid:${organizer.id}`);
  assert.equal(claims(token).acsScope, 'chat,voip');
  assert.ok(expiresOn > new Date());
  worked('identity.exchangeMemberToken', 'js-identity');
  await assert.rejects(ask({ teamsUserAadToken: 'e30.e30.e30' }), status(401, 'InvalidAccessToken'));
  await assert.rejects(ask({ userObjectId: ready.members[1].id }), status(401, 'InvalidAccessToken'));
  await assert.rejects(ask({ clientId: randomUUID() }), status(401, 'InvalidAccessToken'));
  await assert.rejects(ask({ clientId: 'not-a-guid' }), (error) => {
    assert.equal(error.details.error.target, 'appId');
    return status(400, 'ValidationError')(error);
  });
  refused('identity.exchangeMemberToken', 'js-identity');
});

for (const [title, resourceEndpoint] of [
  ['', ready.origin],
  [', also of an endpoint with a slash at its end', `${ready.origin}/`],
]) {
  test(`the common credential exchanges a member's token for the scopes of communication clients${title}`, async () => {
    const tokenCredential = await memberCredential([`${CLIENTS}VoIP`, `${CLIENTS}Chat`]);
    const payload = await exchanged(new AzureCommunicationTokenCredential({ resourceEndpoint, tokenCredential }));
    assert.deepEqual(tokenCredential.asked[0], [`${CLIENTS}.default`]);
    assert.equal(payload.skypeid, `orgid:${organizer.id}`);
    assert.equal(payload.acsScope, 'chat,voip');
    worked('identity.exchangeEntraToken', 'js-common');
  });
}

test('the common credential exchanges a member\'s token for the scopes of the extension', async () => {
  const scopes = [`${EXTENSION}TeamsExtension.ManageCalls`];
  const tokenCredential = await memberCredential(scopes);
  const payload = await exchanged(new AzureCommunicationTokenCredential({ resourceEndpoint: ready.origin, tokenCredential, scopes }));
  assert.equal(payload.acsScope, 'voip');
  worked('identity.exchangeTeamsExtensionToken', 'js-common');
});

test('a token of another audience, or of an application, is not exchanged', async () => {
  const attempt = (tokenCredential, scopes) =>
    new AzureCommunicationTokenCredential({ resourceEndpoint: ready.origin, tokenCredential, ...(scopes && { scopes }) }).getToken();
  await assert.rejects(attempt(await memberCredential(TEAMS)), /Status: 401/);
  const application = {
    getToken: async () => ({
      token: (await applicationToken(`${CLIENTS}.default`)).accessToken,
      expiresOnTimestamp: Date.now() + 600_000,
    }),
  };
  await assert.rejects(attempt(application), /Status: 403/);
  refused('identity.exchangeEntraToken', 'js-common');
  await assert.rejects(attempt(await memberCredential([`${CLIENTS}VoIP`]), [`${EXTENSION}TeamsExtension.ManageCalls`]), /Status: 401/);
  refused('identity.exchangeTeamsExtensionToken', 'js-common');
});
