// @azure/identity in Chromium: of its credentials a browser gets three that a page could use, and the rest refuse to be made there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Browser } from '../browser/browser.mjs';
import { refused, worked } from './coverage.mjs';
import { claims, organizer, ready } from './house.mjs';
import { registered } from './registration.mjs';

const CLIENT = 'js-azure-identity-browser';
const SCOPES = ['User.Read'];
const options = { authorityHost: ready.origin, disableInstanceDiscovery: true };
let browser;
let redirectUri;

before(async () => {
  browser = await Browser.open(ready.origin);
  redirectUri = `${browser.origin}/?azure-identity.mjs`;
});
after(() => browser?.close());

const token = (page, ...given) => page.evaluate((args) => globalThis.identity.token(...args), given);

/** Sends the page away to sign in; gives a function that takes the answer when the page is back. */
async function leave(page, clientId) {
  const own = { ...options, tenantId: ready.tenantId, clientId, redirectUri };
  const ask = () => page.evaluate((given) => globalThis.identity.interactively(...given), [own, SCOPES]);
  const gone = page.waitForURL((url) => url.origin === ready.origin);
  ask().catch(() => {});
  await gone;
  await page.getByLabel('User name').fill(organizer.userPrincipalName);
  await page.getByLabel('Password').fill(organizer.password);
  await page.keyboard.press('Enter');
  return async () => {
    await page.waitForURL((url) => url.origin === browser.origin);
    await page.waitForFunction(() => globalThis.loaded === true);
    return ask();
  };
}

test('a page signs its member in by redirect', async () => {
  const { clientId } = await registered({ public: true, redirectUris: [redirectUri], delegatedPermissions: SCOPES });
  const page = await browser.page('azure-identity.mjs');
  const back = await leave(page, clientId);
  const answer = await back();
  assert.equal(claims(answer.token).oid, organizer.id, JSON.stringify(answer));
  assert.ok(answer.expiresOnTimestamp > Date.now());
  worked('signIn.code', CLIENT);
});

test('declining comes back as an error of the library', async () => {
  const { clientId } = await registered({ public: true, redirectUris: [redirectUri], delegatedPermissions: SCOPES }, { consent: false });
  const page = await browser.page('azure-identity.mjs');
  const back = await leave(page, clientId);
  await page.getByRole('button', { name: 'Cancel' }).click();
  const answer = await back();
  assert.match(answer.refused?.message ?? JSON.stringify(answer), /access_denied/);
  refused('signIn.code', CLIENT);
});

test('a secret works in a page as it does elsewhere', async () => {
  const { clientId, clientSecret } = await registered({ applicationPermissions: ['User.Read.All'] });
  const page = await browser.page('azure-identity.mjs');
  const ask = (secret) => token(page, 'ClientSecretCredential', [ready.tenantId, clientId, secret, options], `${ready.origin}/.default`);
  const answer = await ask(clientSecret);
  assert.deepEqual(claims(answer.token ?? '.e30').roles, ['User.Read.All'], JSON.stringify(answer));
  worked('signIn.secret', CLIENT);
  assert.match((await ask('wrong')).refused.message, /AADSTS7000215/);
  refused('signIn.secret', CLIENT);
});

test('a password is not taken', async () => {
  const { clientId } = await registered({ public: true, delegatedPermissions: SCOPES });
  const page = await browser.page('azure-identity.mjs');
  const given = [ready.tenantId, clientId, organizer.userPrincipalName, organizer.password, options];
  assert.match((await token(page, 'UsernamePasswordCredential', given, SCOPES)).refused.message, /AADSTS70003/);
  refused('signIn.password', CLIENT);
});

test('the library makes no other credential of ours in a page', async () => {
  const page = await browser.page('azure-identity.mjs');
  const unsupported = await page.evaluate(() => globalThis.identity.unsupported());
  for (const name of ['AuthorizationCode', 'ClientAssertion', 'ClientCertificate', 'DeviceCode', 'OnBehalfOf']) {
    assert.ok(unsupported.includes(`${name}Credential`), `${name}: ${unsupported}`);
  }
});
