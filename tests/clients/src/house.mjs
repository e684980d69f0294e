/** What the tests know of the running server, and how its clients are configured. Nothing of the clients is changed. */
import { readFileSync } from 'node:fs';

import { ConfidentialClientApplication } from '@azure/msal-node';
import { Client } from '@microsoft/microsoft-graph-client';

export const ready = JSON.parse(readFileSync(process.env.READY_FILE, 'utf8'));
export const [organizer, colleague, administrator] = ready.members;

/** The settings that every MSAL of JavaScript needs for an authority of one's own. */
export const authority = { authority: ready.authority, knownAuthorities: [new URL(ready.authority).host] };

/** The Graph-shaped API without its version. */
const graphBase = new URL(ready.graphBaseUrl.replace(/\/(v1\.0\/?)?$/, ''));

/** Asks for a token with the application's own client id and secret. */
export async function applicationToken(scope = `${graphBase.origin}/.default`, secret = ready.application.clientSecret) {
  const application = new ConfidentialClientApplication({
    auth: { clientId: ready.application.clientId, clientSecret: secret, ...authority },
  });
  return application.acquireTokenByClientCredential({ scopes: [scope] });
}

/** The official Graph client with a source of tokens. */
export function graphWith(getAccessToken) {
  return Client.initWithMiddleware({
    baseUrl: `${graphBase.href.replace(/\/$/, '')}/`,
    customHosts: new Set([graphBase.hostname]),
    authProvider: { getAccessToken },
  });
}

let token;
/** The Graph client of the application. */
export const graph = graphWith(async () => (token ??= await applicationToken()).accessToken);

/** What a JSON web token says, unchecked. */
export function claims(jwt) {
  return JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url').toString('utf8'));
}
