/** A member with the official MSAL: the code flow with PKCE, as an application without a secret runs it. */
import assert from 'node:assert/strict';

import { CryptoProvider, PublicClientApplication } from '@azure/msal-node';

import { authority, graphWith, ready } from './house.mjs';
import { signIn } from './sign-in.mjs';

export const SCOPES = ['User.Read', 'OnlineMeetings.ReadWrite', 'Teams.ManageCalls'];

/** One member, signed in; `redeem` turns the code into tokens. */
export async function member(account, scopes = SCOPES) {
  const config = await (await fetch(new URL('/api/config', ready.authority))).json();
  const application = new PublicClientApplication({ auth: { clientId: config.meetClientId, ...authority } });
  const redirectUri = new URL('/auth/callback', ready.authority).href;
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const url = await application.getAuthCodeUrl({
    scopes,
    redirectUri,
    state: 'a state with = & and ü',
    nonce: 'a-nonce',
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
    responseMode: 'query',
  });
  const back = await signIn(url, account, redirectUri);
  assert.equal(back.searchParams.get('state'), 'a state with = & and ü');
  const code = back.searchParams.get('code');
  const redeem = ({ codeVerifier = verifier, nonce = 'a-nonce' } = {}) =>
    application.acquireTokenByCode({ code, scopes, redirectUri, codeVerifier }, { code, nonce });
  return { application, clientId: config.meetClientId, redeem };
}

/** The Graph client of a signed-in member. */
export async function graphOf(account, scopes = SCOPES) {
  const { redeem } = await member(account, scopes);
  const { accessToken } = await redeem();
  return graphWith(async () => accessToken);
}
