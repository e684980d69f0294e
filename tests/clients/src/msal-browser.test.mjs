// @azure/msal-browser in Chromium: the redirect flow across origins, silent renewal, consent, signing out.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Browser } from '../browser/browser.mjs';
import { refused, worked } from './coverage.mjs';
import { authority, claims, organizer, ready } from './house.mjs';
import { administer, registered } from './registration.mjs';

const CLIENT = 'js-msal-browser';
const SCOPES = ['User.Read'];
let browser;
let redirectUri;
let clientId;

before(async () => {
  browser = await Browser.open(ready.origin);
  redirectUri = `${browser.origin}/?msal.mjs`;
  ({ clientId } = await registered({ public: true, displayName: 'A page', redirectUris: [redirectUri], delegatedPermissions: SCOPES }, { consent: false }));
});
after(() => browser?.close());

const start = (page) => page.evaluate((auth) => globalThis.msal.start(auth), { clientId, redirectUri, ...authority });

/** Waits until the page of the application is back, and takes the answer. */
async function back(page) {
  await page.waitForURL((url) => url.origin === browser.origin);
  await page.waitForFunction(() => globalThis.loaded === true);
  return start(page);
}

/** From the application to the sign-in page, which is filled in as by a person with a keyboard. */
async function leave(page, request = { scopes: SCOPES }) {
  await start(page);
  const gone = page.waitForURL((url) => url.origin === ready.origin);
  page.evaluate((request) => globalThis.msal.signIn(request), request).catch(() => {});
  await gone;
}

async function typePassword(page) {
  await page.getByLabel('User name').fill(organizer.userPrincipalName);
  await page.keyboard.press('Tab');
  await page.keyboard.type(organizer.password);
  await page.keyboard.press('Enter');
}

test('a page signs its member in after consent, renews silently, and signs out', async () => {
  const page = await browser.page('msal.mjs');
  await leave(page, { scopes: SCOPES, state: 'a state with = & and ü' });
  await typePassword(page);
  await page.getByRole('heading', { name: 'A page asks for permission' }).waitFor();
  assert.ok(await page.getByText('Read your profile').isVisible());
  await page.getByRole('button', { name: 'Accept' }).click();
  const result = await back(page);
  assert.equal(result.username, organizer.userPrincipalName);
  assert.equal(result.state, 'a state with = & and ü');
  assert.equal(claims(result.accessToken).oid, organizer.id);
  worked('signIn.code', CLIENT);

  const renewed = await page.evaluate((scopes) => globalThis.msal.silently({ scopes, forceRefresh: true }), SCOPES);
  assert.equal(renewed.fromCache, false);
  assert.notEqual(renewed.accessToken, result.accessToken);
  worked('signIn.refresh', CLIENT);

  await start(page);
  const returned = page.waitForURL((url) => url.hash.includes('code='));
  page.evaluate((request) => globalThis.msal.signIn(request), { scopes: SCOPES }).catch(() => {});
  await returned;
  assert.equal((await back(page)).username, organizer.userPrincipalName, 'the session goes on without a question');

  const gone = page.waitForURL((url) => url.origin === browser.origin && url.searchParams.has('state'));
  page.evaluate((uri) => globalThis.msal.signOut(uri), redirectUri).catch(() => {});
  await gone;
  await page.waitForFunction(() => globalThis.loaded === true);
  await start(page);
  assert.deepEqual(await page.evaluate(() => globalThis.msal.accounts()), []);
  await leave(page);
  assert.ok(await page.getByLabel('Password').isVisible(), 'the session is over');
  worked('signIn.signOut', CLIENT);
});

test('declining comes back as an error of the library', async () => {
  const other = await registered({ public: true, displayName: 'Another page', redirectUris: [redirectUri], delegatedPermissions: SCOPES }, { consent: false });
  const page = await browser.page('msal.mjs');
  const own = clientId;
  clientId = other.clientId;
  try {
    await leave(page);
    await typePassword(page);
    await page.getByRole('button', { name: 'Cancel' }).click();
    assert.equal((await back(page)).error, 'access_denied');
  } finally {
    clientId = own;
  }
  refused('signIn.code', CLIENT);
});

test('when consent is withdrawn the page is told to ask', async () => {
  const page = await browser.page('msal.mjs');
  await leave(page);
  await typePassword(page);
  assert.equal((await back(page)).username, organizer.userPrincipalName, 'consent was given before');
  await administer('DELETE', `applications/${clientId}/consent`, undefined, 200);
  const silent = await page.evaluate((scopes) => globalThis.msal.silently({ scopes, forceRefresh: true }), SCOPES);
  assert.equal(silent.interaction, true, JSON.stringify(silent));
  refused('signIn.refresh', CLIENT);
});

test('an unregistered redirect address goes no further than our own page', async () => {
  const page = await browser.page('msal.mjs');
  await leave(page, { scopes: SCOPES, redirectUri: `${browser.origin}/elsewhere` });
  await page.getByText('AADSTS50011').waitFor();
  assert.equal(new URL(page.url()).origin, ready.origin);
});

test('signing out does not lead to an address that nobody registered', async () => {
  const page = await browser.page('msal.mjs');
  await start(page);
  const gone = page.waitForURL((url) => url.origin === ready.origin);
  page.evaluate((uri) => globalThis.msal.signOut(uri), 'https://evil.example.org/').catch(() => {});
  await gone;
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  refused('signIn.signOut', CLIENT);
});
