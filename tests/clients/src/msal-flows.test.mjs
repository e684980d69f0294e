// @azure/msal-node: certificates, device code, on-behalf-of, refresh, and consent of an application that somebody else made.
import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';

import { ConfidentialClientApplication, CryptoProvider, InteractionRequiredAuthError, PublicClientApplication } from '@azure/msal-node';

import { refused, worked } from './coverage.mjs';
import { authority, claims, colleague, organizer, ready } from './house.mjs';
import { addCertificate, administer, certificate, registered } from './registration.mjs';
import { decideDevice, signIn } from './sign-in.mjs';

const CLIENT = 'js-msal-node';
const GRAPH_SCOPE = `${ready.origin}/.default`;
const REDIRECT = 'https://app.example.org/signed-in';

const code = (expected) => (error) => {
  assert.equal(error.errorCode, expected, `${error.errorCode}: ${error.errorMessage}`);
  return true;
};

/** The code flow of an application with a secret. */
async function signedIn({ clientId, clientSecret }, scopes, account = organizer, responseMode = 'query') {
  const application = new ConfidentialClientApplication({ auth: { clientId, clientSecret, ...authority } });
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const url = await application.getAuthCodeUrl({
    scopes,
    redirectUri: REDIRECT,
    responseMode,
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
  });
  const back = await signIn(url, account, REDIRECT);
  const answer = responseMode === 'fragment' ? new URLSearchParams(back.hash.slice(1)) : back.searchParams;
  const result = await application.acquireTokenByCode({ code: answer.get('code'), scopes, redirectUri: REDIRECT, codeVerifier: verifier });
  return { application, result };
}

test('an application proves itself with its certificate, by either thumbprint, and another key proves nothing', async () => {
  const { clientId } = await registered({ applicationPermissions: ['User.Read.All'] });
  const own = certificate();
  await addCertificate(clientId, own);
  const ask = (clientCertificate, scope = GRAPH_SCOPE) =>
    new ConfidentialClientApplication({ auth: { clientId, clientCertificate, ...authority } }).acquireTokenByClientCredential({ scopes: [scope] });
  for (const named of [{ thumbprint: own.thumbprint }, { thumbprintSha256: own.thumbprintSha256, x5c: own.pem }]) {
    const { accessToken } = await ask({ privateKey: own.privateKeyPem, ...named });
    assert.equal(claims(accessToken).azpacr, '2');
    assert.deepEqual(claims(accessToken).roles, ['User.Read.All']);
  }
  worked('signIn.certificate', CLIENT);
  const stranger = certificate();
  await assert.rejects(ask({ privateKey: stranger.privateKeyPem, thumbprintSha256: own.thumbprintSha256 }), code('invalid_client'));
  await assert.rejects(ask({ privateKey: stranger.privateKeyPem, thumbprintSha256: stranger.thumbprintSha256 }), code('invalid_client'));
  refused('signIn.certificate', CLIENT);
});

test('one signed assertion serves several requests, as the library sends it', async () => {
  const { clientId } = await registered({ applicationPermissions: ['User.Read.All', 'Communication.Manage.All'] });
  const own = certificate();
  await addCertificate(clientId, own);
  const application = new ConfidentialClientApplication({
    auth: { clientId, clientCertificate: { privateKey: own.privateKeyPem, thumbprintSha256: own.thumbprintSha256 }, ...authority },
  });
  for (const scope of [GRAPH_SCOPE, 'https://communication.azure.com//.default']) {
    assert.ok((await application.acquireTokenByClientCredential({ scopes: [scope] })).accessToken, scope);
  }
});

test('an application brings an assertion that it signed itself with a bare key, and one for another server is refused', async () => {
  const { clientId } = await registered({ applicationPermissions: ['User.Read.All'] });
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = await administer('POST', `applications/${clientId}/certificates`, { pem: publicKey.export({ type: 'spki', format: 'pem' }) });
  const ask = (audience) =>
    new ConfidentialClientApplication({
      auth: { clientId, clientAssertion: async () => assertion(clientId, key.id, privateKey, audience), ...authority },
    }).acquireTokenByClientCredential({ scopes: [GRAPH_SCOPE] });
  assert.ok((await ask(`${ready.authority}/oauth2/v2.0/token`)).accessToken);
  worked('signIn.assertion', CLIENT);
  await assert.rejects(ask('https://login.example.org/oauth2/v2.0/token'), code('invalid_client'));
  refused('signIn.assertion', CLIENT);
});

/** A client assertion with times that are no whole numbers. */
function assertion(clientId, kid, key, audience) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Date.now() / 1000;
  const text = `${encode({ alg: 'RS256', kid })}.${encode({ iss: clientId, sub: clientId, aud: audience, iat: now, exp: now + 300.5 })}`;
  return `${text}.${sign('sha256', Buffer.from(text), createPrivateKey(key.export({ type: 'pkcs8', format: 'pem' }))).toString('base64url')}`;
}

test('a device waits for its member, is told when the member declines, and says who signed in', async () => {
  const { clientId } = await registered({ public: true, delegatedPermissions: ['User.Read'] }, { consent: false });
  const application = new PublicClientApplication({ auth: { clientId, ...authority } });
  const ask = (decision) => {
    const decided = [];
    const tokens = application.acquireTokenByDeviceCode({
      scopes: ['User.Read'],
      deviceCodeCallback: ({ userCode, verificationUri, message }) => {
        assert.ok(message.includes(userCode));
        decided.push(decideDevice(verificationUri, userCode, colleague, decision));
      },
    });
    return tokens.finally(() => Promise.all(decided));
  };
  const declined = assert.rejects(ask('decline'), (error) => error.errorMessage === 'authorization_declined');
  const result = await ask('accept');
  assert.equal(result.account.username, colleague.userPrincipalName);
  assert.equal(claims(result.accessToken).azpacr, '0');
  worked('signIn.device', CLIENT);
  await declined;
  refused('signIn.device', CLIENT);
  const renewed = await application.acquireTokenSilent({ account: result.account, scopes: ['User.Read'], forceRefresh: true });
  assert.equal(claims(renewed.accessToken).oid, colleague.id);
});

test('a service that a member called acts on behalf of that member, and of no application', async () => {
  const service = await registered({
    displayName: 'A service',
    redirectUris: [REDIRECT],
    delegatedPermissions: ['User.Read'],
    exposedScopes: [{ name: 'access_as_user', description: 'Use the service as you' }],
  });
  const api = `api://${service.clientId}/access_as_user`;
  const caller = await registered({ displayName: 'A page', redirectUris: [REDIRECT], delegatedPermissions: [api] }, { consent: false });
  const { result } = await signedIn(caller, [api], organizer, 'fragment');
  assert.equal(claims(result.accessToken).aud, service.clientId);
  assert.equal(claims(result.accessToken).scp.split(' ')[0], 'access_as_user');

  const application = new ConfidentialClientApplication({ auth: { clientId: service.clientId, clientSecret: service.clientSecret, ...authority } });
  const act = (oboAssertion, scope = 'User.Read') => application.acquireTokenOnBehalfOf({ oboAssertion, scopes: [scope], skipCache: true });
  const acted = await act(result.accessToken);
  const me = await fetch(new URL('/v1.0/me', ready.origin), { headers: { authorization: `Bearer ${acted.accessToken}` } });
  assert.equal((await me.json()).id, organizer.id);
  worked('signIn.onBehalfOf', CLIENT);

  const own = await new ConfidentialClientApplication({ auth: { ...caller, ...authority } }).acquireTokenByClientCredential({
    scopes: [`${service.clientId}/.default`],
  });
  await assert.rejects(act(own.accessToken), code('invalid_grant'));
  await assert.rejects(act(acted.accessToken), code('invalid_grant'));
  await assert.rejects(act(result.accessToken, 'OnlineMeetings.Read'), (error) => error instanceof InteractionRequiredAuthError);
  refused('signIn.onBehalfOf', CLIENT);
});

test('a refresh token is exchanged, and one that is none is refused', async () => {
  const own = await registered({ redirectUris: [REDIRECT], delegatedPermissions: ['User.Read'] });
  const { application, result } = await signedIn(own, ['User.Read']);
  const cache = JSON.parse(application.getTokenCache().serialize());
  const [refreshToken] = Object.values(cache.RefreshToken).map(({ secret }) => secret);
  const renewed = await application.acquireTokenByRefreshToken({ refreshToken, scopes: ['User.Read'] });
  assert.equal(claims(renewed.accessToken).oid, claims(result.accessToken).oid);
  await assert.rejects(application.acquireTokenByRefreshToken({ refreshToken: 'none', scopes: ['User.Read'] }), (error) => {
    assert.ok(error instanceof InteractionRequiredAuthError);
    assert.equal(error.subError, 'bad_token');
    return true;
  });
  refused('signIn.refresh', CLIENT);
});

test('an application that nobody consented to has to ask, and what is withdrawn has to be asked for again', async () => {
  const other = await registered({ redirectUris: [REDIRECT], delegatedPermissions: ['User.Read'] }, { consent: false });
  const { application, result } = await signedIn(other, ['User.Read']);
  await administer('DELETE', `applications/${other.clientId}/consent`, undefined, 200);
  const silent = application.acquireTokenSilent({ account: result.account, scopes: ['User.Read'], forceRefresh: true });
  await assert.rejects(silent, (error) => error instanceof InteractionRequiredAuthError && error.subError === 'consent_required');
});

test('deleting an application ends its tokens at once', async () => {
  const own = await registered({ redirectUris: [REDIRECT], delegatedPermissions: ['User.Read'] });
  const { application, result } = await signedIn(own, ['User.Read']);
  const me = () => fetch(new URL('/v1.0/me', ready.origin), { headers: { authorization: `Bearer ${result.accessToken}` } });
  assert.equal((await me()).status, 200);
  await administer('DELETE', `applications/${own.clientId}`);
  assert.equal((await me()).status, 401);
  const silent = application.acquireTokenSilent({ account: result.account, scopes: ['User.Read'], forceRefresh: true });
  await assert.rejects(silent, code('unauthorized_client'));
});

test('passwords and federated user credentials are not taken by the token endpoint', async () => {
  const own = await registered({ delegatedPermissions: ['User.Read'] });
  const application = new ConfidentialClientApplication({ auth: { ...own, ...authority } });
  const { userPrincipalName: username, password } = organizer;
  await assert.rejects(application.acquireTokenByUsernamePassword({ scopes: ['User.Read'], username, password }), code('unsupported_grant_type'));
  refused('signIn.password', CLIENT);
  const federated = application.acquireTokenByUserFederatedIdentityCredential({ scopes: ['User.Read'], username, assertion: 'e30.e30.e30' });
  await assert.rejects(federated, code('unsupported_grant_type'));
  refused('signIn.userFederated', CLIENT);
});
