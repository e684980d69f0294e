// Administration of applications, over HTTP as the admin page does it: what works is in the sign-in tests; here is the rest, and what is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConfidentialClientApplication } from '@azure/msal-node';

import { applicationToken, authority, organizer, ready } from './house.mjs';
import { member } from './member.mjs';
import { addCertificate, administer, certificate, registered } from './registration.mjs';

const tokenOf = async (clientId, clientSecret) => {
  const application = new ConfidentialClientApplication({ auth: { clientId, clientSecret, ...authority } });
  return (await application.acquireTokenByClientCredential({ scopes: [`${ready.origin}/.default`] })).accessToken;
};

test('a registration comes back as it was made, in the list and by itself, and changes by what is named', async () => {
  const exposedScopes = [{ name: 'access_as_user', description: 'Use it as you' }];
  const made = await administer('POST', 'applications', {
    displayName: 'Rota',
    redirectUris: ['https://rota.example.org/a', 'http://localhost:3000'],
    delegatedPermissions: ['User.Read'],
    exposedScopes,
  });
  assert.deepEqual(await administer('GET', `applications/${made.clientId}`), made);
  const { applications } = await administer('GET', 'applications');
  assert.ok(applications.some(({ clientId }) => clientId === made.clientId));
  const changed = await administer('PATCH', `applications/${made.clientId}`, { displayName: 'Rota 2', applicationPermissions: ['User.Read.All'] });
  assert.deepEqual(changed, { ...made, displayName: 'Rota 2', applicationPermissions: ['User.Read.All'] });
  const own = `api://${made.clientId}/access_as_user`;
  const other = await administer('POST', 'applications', { displayName: 'Caller', delegatedPermissions: [own] });
  assert.deepEqual(other.delegatedPermissions, [own]);
  const consented = await administer('POST', `applications/${other.clientId}/consent`, undefined, 200);
  assert.deepEqual(consented.tenantConsent, ['openid', own]);
  await administer('PATCH', `applications/${other.clientId}`, { delegatedPermissions: ['User.Read'] });
  assert.deepEqual((await administer('GET', `applications/${other.clientId}`)).tenantConsent, ['openid'], 'consent does not outlive its permission');
  for (const { clientId } of [made, other]) await administer('DELETE', `applications/${clientId}`);
  await administer('GET', `applications/${made.clientId}`, undefined, 404);
});

test('a secret is shown once, works beside another one, and ends when it is removed', async () => {
  const { clientId, clientSecret } = await registered({ applicationPermissions: ['User.Read.All'] });
  const second = await administer('POST', `applications/${clientId}/secrets`, { name: 'next', expiresInDays: 30 });
  assert.ok(second.secret.startsWith(second.hint));
  const text = JSON.stringify(await administer('GET', `applications/${clientId}`));
  assert.ok(text.includes(second.id) && !text.includes(second.secret) && !text.includes(clientSecret));
  assert.ok((await tokenOf(clientId, clientSecret)) && (await tokenOf(clientId, second.secret)));
  await administer('DELETE', `applications/${clientId}/secrets/${second.id}`);
  await assert.rejects(tokenOf(clientId, second.secret), (error) => error.errorCode === 'invalid_client');
  assert.ok(await tokenOf(clientId, clientSecret));
  await administer('DELETE', `applications/${clientId}/secrets/${second.id}`, undefined, 404);
});

test('a certificate is known by its thumbprints, and a private key is never taken', async () => {
  const { clientId } = await registered({});
  const own = certificate();
  const added = await addCertificate(clientId, own);
  assert.equal(added.thumbprint, own.thumbprint);
  assert.equal(added.sha256Thumbprint, own.thumbprintSha256);
  const refuse = (pem) => administer('POST', `applications/${clientId}/certificates`, { pem }, 400);
  assert.match((await refuse(own.privateKeyPem)).error.message, /private key/);
  assert.match((await refuse(`${own.pem}${own.privateKeyPem}`)).error.message, /private key/);
  for (const pem of [own.pem, 'none', own.pem.replace('MII', 'MIX')]) await refuse(pem);
  await administer('DELETE', `applications/${clientId}/certificates/${added.id}`);
});

test('what makes no sense is refused with the name of what is wrong, and nothing is changed', async () => {
  const { clientId } = await registered({ redirectUris: ['https://rota.example.org/a'] });
  const before = await administer('GET', `applications/${clientId}`);
  for (const [body, named] of [
    [{ redirectUris: ['http://rota.example.org/a'] }, /redirectUris/],
    [{ redirectUris: ['https://rota.example.org/#x'] }, /redirectUris/],
    [{ redirectUris: ['https://*.example.org/'] }, /redirectUris/],
    [{ redirectUris: ['javascript:alert(1)'] }, /redirectUris/],
    [{ applicationPermissions: ['Everything.All'] }, /applicationPermissions/],
    [{ delegatedPermissions: [`api://${clientId}/none`] }, /delegatedPermissions/],
    [{ exposedScopes: [{ name: 'a b' }] }, /exposedScopes/],
    [{ displayName: 'x'.repeat(200) }, /displayName/],
  ]) {
    const { error } = await administer('PATCH', `applications/${clientId}`, body, 400);
    assert.equal(error.code, 'invalidArgument');
    assert.match(error.message, named);
  }
  for (const body of [{ public: true }, { clientId: 'x' }, { redirectUris: 'https://rota.example.org' }]) {
    assert.equal((await administer('PATCH', `applications/${clientId}`, body, 422)).error.code, 'badRequest');
  }
  assert.deepEqual(await administer('GET', `applications/${clientId}`), before);
  await administer('GET', 'applications/not-a-guid', undefined, 404);
  const { meetClientId } = await (await fetch(new URL('/api/config', ready.origin))).json();
  await administer('DELETE', `applications/${meetClientId}`, undefined, 403);
});

test('nobody but an administrator administers', async () => {
  const ask = async (token, method = 'GET') => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return (await fetch(new URL('/api/admin/applications', ready.origin), { method, headers })).status;
  };
  const { redeem } = await member(organizer, ['User.Read', 'Settings.ReadWrite.All']);
  assert.equal(await ask((await redeem()).accessToken), 403);
  assert.equal(await ask((await applicationToken()).accessToken), 403);
  assert.equal(await ask(undefined), 401);
  assert.equal(await ask('e30.e30.e30'), 401);
});
