// @azure/msal-browser in Chromium: the silent request in a hidden frame. Browsers give frames cookies only within one site, so the page is served
// under the server's own name, with another port.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Browser } from '../browser/browser.mjs';
import { refused, worked } from './coverage.mjs';
import { authority, claims, organizer, ready } from './house.mjs';
import { certificate, registered } from './registration.mjs';

const CLIENT = 'js-msal-browser';
const SCOPES = ['User.Read'];
let browser;
let clientId;

before(async () => {
  const { pem, privateKeyPem } = certificate();
  browser = await Browser.open(ready.origin, { key: privateKeyPem, cert: pem });
  const redirectUris = [`${browser.origin}/?msal.mjs`, `${browser.origin}/?msal-bridge.mjs`];
  ({ clientId } = await registered({ public: true, displayName: 'A page', redirectUris, delegatedPermissions: SCOPES }));
});
after(() => browser?.close());

test('a page knows its member again in a hidden frame, and is told to ask when nobody is signed in', async () => {
  const page = await browser.page('msal.mjs');
  await browser.prepare('msal-bridge.mjs');
  const auth = { clientId, redirectUri: `${browser.origin}/?msal.mjs`, ...authority };
  const inFrame = async () => {
    await page.evaluate((auth) => globalThis.msal.start(auth), auth);
    return page.evaluate((request) => globalThis.msal.inFrame(request), { scopes: SCOPES, redirectUri: `${browser.origin}/?msal-bridge.mjs` });
  };
  assert.deepEqual(await inFrame(), { error: 'login_required', interaction: true });
  refused('signIn.frame', CLIENT);

  const members = await page.context().newPage();
  const query = new URLSearchParams({ client_id: clientId, response_type: 'code', redirect_uri: auth.redirectUri, scope: 'openid User.Read' });
  query.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
  query.set('code_challenge_method', 'S256');
  await members.goto(`${ready.authority}/oauth2/v2.0/authorize?${query}`);
  await members.getByLabel('User name').fill(organizer.userPrincipalName);
  await members.getByLabel('Password').fill(organizer.password);
  await members.keyboard.press('Enter');
  await members.waitForURL((url) => url.origin === browser.origin);

  const known = await inFrame();
  assert.equal(known.username, organizer.userPrincipalName, JSON.stringify(known));
  assert.equal(claims(known.accessToken).oid, organizer.id);
  worked('signIn.frame', CLIENT);
});
