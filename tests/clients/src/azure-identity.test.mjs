// @azure/identity: every credential that this provider serves, with what it is refused.
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';

import {
  AuthorizationCodeCredential,
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  DeviceCodeCredential,
  OnBehalfOfCredential,
  UsernamePasswordCredential,
} from '@azure/identity';

import { refused, worked } from './coverage.mjs';
import { claims, organizer, ready } from './house.mjs';
import { addCertificate, administer, certificate, registered } from './registration.mjs';
import { decideDevice, signIn } from './sign-in.mjs';

const CLIENT = 'js-azure-identity';
const REDIRECT = 'https://app.example.org/signed-in';
const options = { authorityHost: ready.origin, disableInstanceDiscovery: true };
const GRAPH_SCOPE = `${ready.origin}/.default`;
const APPLICATION = { applicationPermissions: ['User.Read.All'] };

/** The library's error, with the number of the refusal. */
const says = (number) => (error) => {
  assert.equal(error.name, 'AuthenticationRequiredError', String(error));
  assert.match(error.message, new RegExp(`AADSTS${number}:`));
  return true;
};

const roles = ({ token }) => claims(token).roles;

test('a secret', async () => {
  const { clientId, clientSecret } = await registered(APPLICATION);
  const ask = (secret) => new ClientSecretCredential(ready.tenantId, clientId, secret, options).getToken(GRAPH_SCOPE);
  assert.deepEqual(roles(await ask(clientSecret)), ['User.Read.All']);
  worked('signIn.secret', CLIENT);
  await assert.rejects(ask('wrong'), says(7000215));
  refused('signIn.secret', CLIENT);
});

test('the tenant by its domain', async () => {
  const { clientId, clientSecret } = await registered(APPLICATION);
  const [, domain] = organizer.userPrincipalName.split('@');
  const ask = (tenant) => new ClientSecretCredential(tenant, clientId, clientSecret, options).getToken(GRAPH_SCOPE);
  assert.equal(claims((await ask(domain)).token).tid, ready.tenantId);
  await assert.rejects(ask('other.example'));
});

test('a certificate', async () => {
  const { clientId } = await registered(APPLICATION);
  const own = certificate();
  await addCertificate(clientId, own);
  const ask = ({ pem, privateKeyPem }, more = {}) =>
    new ClientCertificateCredential(ready.tenantId, clientId, { certificate: `${pem}${privateKeyPem}` }, { ...options, ...more }).getToken(GRAPH_SCOPE);
  assert.deepEqual(roles(await ask(own)), ['User.Read.All']);
  assert.deepEqual(roles(await ask(own, { sendCertificateChain: true })), ['User.Read.All']);
  worked('signIn.certificate', CLIENT);
  await assert.rejects(ask(certificate()), says(700027));
  refused('signIn.certificate', CLIENT);
});

test('an assertion of its own', async () => {
  const { clientId } = await registered(APPLICATION);
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = await administer('POST', `applications/${clientId}/certificates`, { pem: publicKey.export({ type: 'spki', format: 'pem' }) });
  const assertion = (exp) => async () => {
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${encode({ alg: 'RS256', kid: key.id })}.${encode({ iss: clientId, sub: clientId, aud: `${ready.authority}/oauth2/v2.0/token`, exp })}`;
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  };
  const now = Math.floor(Date.now() / 1000);
  const ask = (exp) => new ClientAssertionCredential(ready.tenantId, clientId, assertion(exp), options).getToken(GRAPH_SCOPE);
  assert.deepEqual(roles(await ask(now + 300)), ['User.Read.All']);
  worked('signIn.assertion', CLIENT);
  await assert.rejects(ask(now - 1), says(700024));
  refused('signIn.assertion', CLIENT);
});

test('a device code', async () => {
  const { clientId } = await registered({ public: true, delegatedPermissions: ['User.Read'] });
  const ask = (decision) => {
    const decided = [];
    const userPromptCallback = ({ userCode, verificationUri }) => decided.push(decideDevice(verificationUri, userCode, organizer, decision));
    const credential = new DeviceCodeCredential({ tenantId: ready.tenantId, clientId, userPromptCallback, ...options });
    return credential.getToken('User.Read').finally(() => Promise.all(decided));
  };
  const declined = assert.rejects(ask('decline'), /authorization_declined/);
  assert.equal(claims((await ask('accept')).token).oid, organizer.id);
  worked('signIn.device', CLIENT);
  await declined;
  refused('signIn.device', CLIENT);
});

/** The code of a member for an application with a secret. */
async function codeOf(clientId, scope) {
  const query = new URLSearchParams({ client_id: clientId, response_type: 'code', redirect_uri: REDIRECT, scope });
  const back = await signIn(`${ready.authority}/oauth2/v2.0/authorize?${query}`, organizer, REDIRECT);
  return back.searchParams.get('code');
}

test('an authorization code', async () => {
  const { clientId, clientSecret } = await registered({ redirectUris: [REDIRECT], delegatedPermissions: ['User.Read'] });
  const code = await codeOf(clientId, 'openid offline_access User.Read');
  const ask = () => new AuthorizationCodeCredential(ready.tenantId, clientId, clientSecret, code, REDIRECT, options).getToken('User.Read');
  assert.equal(claims((await ask()).token).oid, organizer.id);
  worked('signIn.code', CLIENT);
  await assert.rejects(ask(), says(54005));
  refused('signIn.code', CLIENT);
});

test('on behalf of a member', async () => {
  const { clientId, clientSecret } = await registered({
    redirectUris: [REDIRECT],
    delegatedPermissions: ['User.Read'],
    exposedScopes: [{ name: 'access_as_user' }],
  });
  const api = `api://${clientId}/access_as_user`;
  const caller = await registered({ redirectUris: [REDIRECT], delegatedPermissions: [api] });
  const code = await codeOf(caller.clientId, api);
  const form = { grant_type: 'authorization_code', client_id: caller.clientId, client_secret: caller.clientSecret, code, redirect_uri: REDIRECT };
  const answer = await fetch(`${ready.authority}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token: userAssertionToken } = await answer.json();
  const act = (more) => new OnBehalfOfCredential({ tenantId: ready.tenantId, clientId, clientSecret, userAssertionToken, ...options, ...more }).getToken('User.Read');
  const { token } = await act();
  assert.equal(claims(token).oid, organizer.id);
  worked('signIn.onBehalfOf', CLIENT);
  await assert.rejects(act({ userAssertionToken: token }), says(500131));
  refused('signIn.onBehalfOf', CLIENT);
});

test('a password is not taken', async () => {
  const { clientId } = await registered({ public: true, delegatedPermissions: ['User.Read'] });
  const { userPrincipalName, password } = organizer;
  const credential = new UsernamePasswordCredential(ready.tenantId, clientId, userPrincipalName, password, options);
  await assert.rejects(credential.getToken('User.Read'), says(70003));
  refused('signIn.password', CLIENT);
});
