// Members of another OpenID provider: a real one upstream, the official MSAL and Graph clients downstream, a browser between.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import { CryptoProvider, PublicClientApplication } from '@azure/msal-node';
import { Client } from '@microsoft/microsoft-graph-client';

import { Browser as Chromium } from '../browser/browser.mjs';
import { refused, worked } from './coverage.mjs';
import { administrator as commonAdministrator, claims, ready as common } from './house.mjs';
import { ownServer } from './own-server.mjs';
import { signIn } from './sign-in.mjs';
import { Browser, CLIENT, people, upstreamProvider } from './upstream-provider.mjs';

const SCOPES = ['User.Read', 'OnlineMeetings.ReadWrite'];
const BASE = '/api/admin/federation';

let upstream;
let own;
let admin;
let provider;

before(async () => {
  upstream = await upstreamProvider();
  own = await ownServer(['--allow-outbound', '127.0.0.1']);
  admin = administration(own.ready, await adminToken(own.ready, own.ready.members[2]));
  provider = await admin('POST', `${BASE}/providers`, {
    name: 'Upstream',
    issuer: upstream.issuer,
    clientId: CLIENT.client_id,
    clientSecret: CLIENT.client_secret,
    enabled: true,
    rules: { administrators: { claim: 'groups', value: 'admins' }, signOutUpstream: true },
  });
  upstream.serve({ redirect_uris: provider.redirectUris, post_logout_redirect_uris: provider.postLogoutRedirectUris });
  worked('federation.providers.create', 'http');
});

after(async () => {
  await own?.stop();
  await upstream?.stop();
});

/** Calls the administration API; a refusal is thrown with its status and code. */
function administration(ready, token) {
  return async (method, path, body) => {
    const response = await fetch(new URL(path, ready.origin), {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = response.status === 204 ? undefined : await response.json();
    if (!response.ok) throw Object.assign(new Error(answer.error.message), { status: response.status, code: answer.error.code });
    return answer;
  };
}

/** An authorization request of the members' web app by the official MSAL. */
async function request(ready, scopes, more = {}) {
  const config = await (await fetch(new URL('/api/config', ready.authority))).json();
  const application = new PublicClientApplication({
    auth: { clientId: config.meetClientId, authority: ready.authority, knownAuthorities: [new URL(ready.authority).host] },
  });
  const redirectUri = new URL('/auth/callback', ready.authority).href;
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const url = await application.getAuthCodeUrl({
    scopes,
    redirectUri,
    state: 'a state',
    nonce: 'a-nonce',
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
    responseMode: 'query',
    ...more,
  });
  const redeem = (back) => {
    const code = back.searchParams.get('code');
    return application.acquireTokenByCode({ code, scopes, redirectUri, codeVerifier: verifier }, { code, nonce: 'a-nonce' });
  };
  return { url, redirectUri, redeem };
}

async function adminToken(ready, account) {
  const { url, redirectUri, redeem } = await request(ready, ['Settings.ReadWrite.All']);
  return (await redeem(await signIn(url, account, redirectUri))).accessToken;
}

/** The whole sign-in at the provider: MSAL's result. */
async function signedIn(login, browser = new Browser(), more = {}) {
  const { url, redirectUri, redeem } = await request(own.ready, SCOPES, { extraQueryParameters: { domain_hint: provider.id }, ...more });
  const back = await browser.signInUpstream(url, upstream.issuer, login, redirectUri);
  assert.equal(back.text, undefined, back.text);
  assert.equal(back.url.searchParams.get('state'), 'a state');
  return redeem(back.url);
}

function me(accessToken) {
  const { origin, hostname } = new URL(own.ready.origin);
  const graph = Client.initWithMiddleware({
    baseUrl: `${origin}/`,
    customHosts: new Set([hostname]),
    authProvider: { getAccessToken: async () => accessToken },
  });
  return graph.api('/me').get();
}

test('a person of the provider signs in, and is a member with the mapped claims', async () => {
  const browser = new Browser();
  const result = await signedIn('dora', browser);
  assert.equal(result.account.username, 'dora@upstream.example');
  const profile = await me(result.accessToken);
  assert.equal(profile.displayName, 'Dora Lind');
  assert.equal(profile.userPrincipalName, 'dora@upstream.example');
  assert.equal(profile.mail, 'dora@upstream.example');
  assert.equal(profile.givenName, 'Dora');
  assert.equal(profile.surname, 'Lind');
  worked('federation.signIn', 'browser');

  const silent = await request(own.ready, SCOPES, { prompt: 'none' });
  const back = await browser.go(silent.url, silent.redirectUri);
  assert.equal(claims((await silent.redeem(back.url)).accessToken).oid, profile.id);
  worked('federation.silent', 'browser');
  const stranger = await new Browser().go(silent.url, silent.redirectUri);
  assert.equal(stranger.url.searchParams.get('error'), 'login_required');
  refused('federation.silent', 'browser');
});

test('whoever signs in again is the same member, with the name of today', async (t) => {
  const first = claims((await signedIn('dora')).accessToken).oid;
  people.dora.name = 'Dora Lind-Berg';
  t.after(() => (people.dora.name = 'Dora Lind'));
  const again = await signedIn('dora');
  assert.equal(claims(again.accessToken).oid, first);
  assert.equal((await me(again.accessToken)).displayName, 'Dora Lind-Berg');
  const { members } = await admin('GET', `${BASE}/providers/${provider.id}/members`);
  assert.deepEqual(
    members.filter(({ subject }) => subject === 'dora').map(({ memberId, createdHere }) => [memberId, createdHere]),
    [[first, true]],
  );
});

test('the claim for administrators makes one', async () => {
  const { url, redirectUri, redeem } = await request(own.ready, ['Settings.ReadWrite.All'], { extraQueryParameters: { domain_hint: provider.id } });
  const back = await new Browser().signInUpstream(url, upstream.issuer, 'emil', redirectUri);
  const emil = administration(own.ready, (await redeem(back.url)).accessToken);
  assert.equal((await emil('GET', `${BASE}/settings`)).localSignIn, true);
  const dora = await request(own.ready, ['Settings.ReadWrite.All'], { extraQueryParameters: { domain_hint: provider.id } });
  const doras = await new Browser().signInUpstream(dora.url, upstream.issuer, 'dora', dora.redirectUri);
  const token = (await dora.redeem(doras.url)).accessToken;
  await assert.rejects(administration(own.ready, token)('GET', `${BASE}/settings`), { status: 403, code: 'forbidden' });
});

test('the sign-in page offers the provider beside the password', async () => {
  const { url, redirectUri, redeem } = await request(own.ready, SCOPES);
  const browser = new Browser();
  const page = await browser.go(url);
  assert.match(page.text, /name="password"/);
  const start = browser.link(page, /Sign in with Upstream/);
  const back = await browser.signInUpstream(start, upstream.issuer, 'dora', redirectUri);
  assert.ok((await redeem(back.url)).accessToken);
  worked('federation.choose', 'browser');
  const gone = start.replace(provider.id, '11111111-2222-4333-8444-555555555555');
  const refusal = await new Browser().go(gone, redirectUri);
  assert.match(refusal.text, /AADSTS50107/);
  refused('federation.choose', 'browser');
});

test('Chromium goes to the provider and back, as the policies of all three pages let it', async (t) => {
  const chromium = await Chromium.open(own.ready.origin);
  t.after(() => chromium.close());
  // The provider's page asks a third party for a web font; that, and whatever else is not on this machine, is stopped in the browser.
  const stopped = [];
  const reached = new Set();
  const local = ({ hostname }) => hostname === 'localhost' || hostname === '127.0.0.1';
  const newPage = async () => {
    const context = await chromium.chromium.newContext();
    await context.route((url) => !local(url), (route) => {
      stopped.push(route.request().url());
      return route.abort();
    });
    context.on('response', (response) => reached.add(new URL(response.url()).hostname));
    return context.newPage();
  };
  const page = await newPage();
  const { url, redirectUri, redeem } = await request(own.ready, SCOPES);
  await page.goto(url);
  await page.getByRole('link', { name: 'Sign in with Upstream' }).click();
  await page.waitForURL(`${upstream.issuer}/**`);
  await page.getByPlaceholder('Enter any login').fill('dora');
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL((url) => url.href.startsWith(redirectUri));
  const result = await redeem(await landed(page));
  assert.equal((await me(result.accessToken)).displayName, 'Dora Lind');
  worked('federation.signIn', 'chromium');
  worked('federation.choose', 'chromium');

  const other = await newPage();
  await other.goto((await request(own.ready, SCOPES, { extraQueryParameters: { domain_hint: provider.id } })).url);
  await other.waitForURL(`${upstream.issuer}/**`);
  await other.getByRole('link', { name: 'Cancel' }).click();
  await other.waitForURL((url) => url.href.startsWith(redirectUri));
  assert.equal((await landed(other)).searchParams.get('error'), 'access_denied');
  refused('federation.signIn', 'chromium');

  await other.goto((await request(own.ready, SCOPES, { extraQueryParameters: { domain_hint: provider.id } })).url.replace(/redirect_uri=[^&]*/, 'redirect_uri=https%3A%2F%2Fevil.example%2F'));
  assert.match(await other.textContent('body'), /AADSTS50011/);
  refused('federation.choose', 'chromium');
  assert.deepEqual([...reached].toSorted(), ['127.0.0.1', 'localhost'], 'only this machine was spoken to');
  assert.ok(stopped.every((address) => address.startsWith('https://fonts.googleapis.com/')), `more than the known font was asked for: ${stopped}`);
});

/** The address at which the browser arrived first: the web app takes its answer out of the address bar. */
async function landed(page) {
  const entries = await page.evaluate(() => performance.getEntriesByType('navigation').map(({ name }) => name));
  return new URL(entries[0]);
}

test('a sign-in that is cancelled there comes back as access_denied', async () => {
  const { url, redirectUri } = await request(own.ready, SCOPES, { extraQueryParameters: { domain_hint: provider.id } });
  const browser = new Browser();
  const page = await browser.go(url, redirectUri);
  const back = await browser.go(browser.link(page, /Cancel|Abort/i), redirectUri);
  assert.equal(back.url.searchParams.get('error'), 'access_denied');
  assert.match(back.url.searchParams.get('error_description'), /cancelled/);
  refused('federation.signIn', 'browser');
});

test('an answer that is replayed, or brought to another browser, opens nothing', async () => {
  const { url, redirectUri } = await request(own.ready, SCOPES, { extraQueryParameters: { domain_hint: provider.id } });
  const browser = new Browser();
  const callback = provider.redirectUris.find((uri) => uri.startsWith(new URL(own.ready.authority).origin));
  const answer = await browser.signInUpstream(url, upstream.issuer, 'dora', callback);
  const thief = await new Browser().go(answer.url.href, redirectUri);
  assert.match(thief.text, /AADSTS50089/);
  const back = await browser.go(answer.url.href, redirectUri);
  assert.ok(back.url.searchParams.get('code'));
  assert.match((await browser.go(answer.url.href, redirectUri)).text, /AADSTS50089/);
});

test('signing out ends both sessions and leads back', async () => {
  const browser = new Browser();
  await signedIn('dora', browser);
  const home = new URL('/', own.ready.authority).href;
  const logout = new URL(`/${own.ready.tenantId}/oauth2/v2.0/logout`, own.ready.authority);
  logout.searchParams.set('post_logout_redirect_uri', home);
  const asked = await browser.go(logout.href, home);
  assert.equal(asked.url.origin, upstream.issuer, 'the provider asks whether to sign out');
  const page = { ...asked, text: asked.text.replace('</form>', '<input type="hidden" name="logout" value="yes"></form>') };
  const back = await browser.submit(page, {}, `${home}?`);
  assert.ok(back.url.href.startsWith(home), back.url.href);
  const { url, redirectUri } = await request(own.ready, SCOPES, { prompt: 'none' });
  assert.equal((await browser.go(url, redirectUri)).url.searchParams.get('error'), 'login_required');
  const again = await request(own.ready, SCOPES, { extraQueryParameters: { domain_hint: provider.id } });
  const login = await browser.go(again.url, again.redirectUri);
  assert.match(login.text, /name="login"/, 'the provider asks who it is');
  worked('federation.signOut', 'browser');

  const callback = new URL(provider.postLogoutRedirectUris.find((uri) => uri.startsWith(new URL(own.ready.authority).origin)));
  callback.searchParams.set('state', Buffer.from('post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F').toString('base64url'));
  const nowhere = await browser.go(callback.href);
  assert.match(nowhere.text, /You are signed out/);
  refused('federation.signOut', 'browser');
});

test('a sign-in name that belongs to somebody else is refused until an administrator links the two', async (t) => {
  const [anna] = own.ready.members;
  people.anna = { name: 'Anna Upstream', preferred_username: anna.userPrincipalName, email: anna.userPrincipalName, email_verified: true };
  t.after(() => delete people.anna);
  const asked = await request(own.ready, SCOPES, { extraQueryParameters: { domain_hint: provider.id } });
  const page = await new Browser().signInUpstream(asked.url, upstream.issuer, 'anna', asked.redirectUri);
  assert.match(page.text, /AADSTS51004/);
  const place = `${BASE}/providers/${provider.id}/members/${anna.id}`;
  assert.equal((await admin('PUT', place, { subject: 'anna' })).memberId, anna.id);
  assert.equal(claims((await signedIn('anna')).accessToken).oid, anna.id);
  worked('federation.members.link', 'http');
  await assert.rejects(admin('PUT', `${BASE}/providers/${provider.id}/members/${own.ready.members[1].id}`, { subject: 'anna' }), {
    status: 400,
    code: 'invalidArgument',
  });
  refused('federation.members.link', 'http');
  await admin('DELETE', place);
  worked('federation.members.unlink', 'http');
  await assert.rejects(admin('DELETE', place), { status: 404 });
  refused('federation.members.unlink', 'http');
});

test('a member who is disabled here stays out, whatever the provider says', async () => {
  const token = (await signedIn('dora')).accessToken;
  const dora = `/api/admin/members/${claims(token).oid}`;
  assert.equal((await admin('PATCH', dora, { enabled: false })).enabled, false);
  worked('federation.members.disable', 'http');
  await assert.rejects(me(token), { statusCode: 401 });
  const asked = await request(own.ready, SCOPES, { extraQueryParameters: { domain_hint: provider.id } });
  const page = await new Browser().signInUpstream(asked.url, upstream.issuer, 'dora', asked.redirectUri);
  assert.match(page.text, /AADSTS50057/);
  await admin('PATCH', dora, { enabled: true });
  assert.equal((await me((await signedIn('dora')).accessToken)).displayName, 'Dora Lind');
  await assert.rejects(admin('PATCH', `/api/admin/members/${own.ready.members[2].id}`, { enabled: false }), { status: 400 });
  refused('federation.members.disable', 'http');
});

test('a check tells a right secret from a wrong one, and the secret never comes back', async () => {
  const path = `${BASE}/providers/${provider.id}`;
  const right = await admin('POST', `${path}/check`);
  assert.deepEqual([right.ok, right.problems], [true, []], JSON.stringify(right));
  worked('federation.providers.check', 'http');
  await admin('PATCH', path, { clientSecret: 'another' });
  const wrong = await admin('POST', `${path}/check`);
  assert.equal(wrong.ok, false);
  assert.match(wrong.problems.join(), /does not accept client id or secret/);
  refused('federation.providers.check', 'http');
  const changed = await admin('PATCH', path, { clientSecret: CLIENT.client_secret, rules: { claims: { displayName: 'name' } } });
  assert.equal((await admin('POST', `${path}/check`)).ok, true);
  assert.ok(!JSON.stringify([changed, await admin('GET', path), await admin('GET', `${BASE}/providers`)]).includes('a secret'));
  assert.equal(changed.hasClientSecret, true);
  worked('federation.providers.update', 'http');
  for (const patch of [{ issuer: 'https://other.example' }, { rules: { scope: [] } }, { name: '' }, { rules: { claims: { subject: 'oid' } } }]) {
    await assert.rejects(admin('PATCH', path, patch), (error) => [400, 422].includes(error.status), JSON.stringify(patch));
  }
  refused('federation.providers.update', 'http');
});

test('the server calls no address of the inside for a provider, neither its issuer nor what its description names', async (t) => {
  const draft = { name: 'Inside', clientId: 'x' };
  const inside = ['https://169.254.169.254', 'http://10.0.0.1', 'http://[::1]:8080', 'http://0x0a000001', 'https://[::ffff:10.0.0.1]', 'http://192.168.1.1:8080'];
  for (const issuer of inside) {
    await assert.rejects(admin('POST', `${BASE}/providers`, { ...draft, issuer }), { status: 400, code: 'invalidArgument' }, issuer);
  }
  const elsewhere = administration(common, await adminToken(common, commonAdministrator));
  const here = { ...draft, issuer: upstream.issuer };
  await assert.rejects(elsewhere('POST', `${BASE}/providers`, here), { status: 400 }, 'loopback is allowed only where the operator says so');
  refused('federation.providers.create', 'http');

  let described = 0;
  const liar = createServer((request, response) => {
    described += 1;
    const issuer = `http://127.0.0.1:${liar.address().port}`;
    if (request.url.startsWith('/redirect/')) {
      response.writeHead(302, { location: `${issuer}/.well-known/openid-configuration` }).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ issuer, authorization_endpoint: `${issuer}/a`, token_endpoint: 'http://169.254.169.254/t', jwks_uri: 'http://10.0.0.1/k' }));
  }).listen(0, '127.0.0.1');
  await once(liar, 'listening');
  t.after(() => liar.close());
  const issuer = `http://127.0.0.1:${liar.address().port}`;
  for (const [path, problem] of [['', /may not be called/], ['/redirect', /status 302/]]) {
    const made = await admin('POST', `${BASE}/providers`, { ...draft, issuer: issuer + path });
    const found = await admin('POST', `${BASE}/providers/${made.id}/check`);
    assert.equal(found.ok, false);
    assert.match(found.problems.join(), problem);
    await admin('DELETE', `${BASE}/providers/${made.id}`);
  }
  assert.equal(described, 2, 'each description was read once, and the redirect not followed');
  worked('federation.providers.delete', 'http');
  await assert.rejects(admin('DELETE', `${BASE}/providers/gone`), { status: 404 });
  refused('federation.providers.delete', 'http');
});

test('a provider that is down is told on a page that leads on, and back to the application with the error', async () => {
  const draft = { name: 'Down', issuer: 'http://127.0.0.1:9', clientId: 'x', enabled: true };
  const down = await admin('POST', `${BASE}/providers`, draft);
  const { url, redirectUri } = await request(own.ready, SCOPES, { extraQueryParameters: { domain_hint: down.id } });
  const browser = new Browser();
  const page = await browser.go(url, redirectUri);
  assert.equal(page.status, 503);
  assert.match(page.text, /Down does not answer at the moment/);
  assert.match((await browser.go(browser.link(page, /another way/))).text, /name="password"/);
  const back = new URL(browser.link(page, /Back to/));
  assert.ok(back.href.startsWith(redirectUri));
  assert.equal(back.searchParams.get('error'), 'temporarily_unavailable');
  assert.equal(back.searchParams.get('state'), 'a state');
  await admin('DELETE', `${BASE}/providers/${down.id}`);
});

test('without passwords everybody goes to the provider, except administrators who ask for the page', async (t) => {
  await admin('PATCH', `${BASE}/settings`, { localSignIn: false });
  t.after(() => admin('PATCH', `${BASE}/settings`, { localSignIn: true }));
  const { url, redirectUri } = await request(own.ready, SCOPES);
  const browser = new Browser();
  const back = await browser.signInUpstream(url, upstream.issuer, 'dora', redirectUri);
  assert.ok(back.url.searchParams.get('code'));
  const page = await new Browser().go((await request(own.ready, SCOPES, { prompt: 'select_account' })).url);
  assert.match(page.text, /Administrators: sign in with a password/);
});
