/**
 * Tokens and meetings for people of the SDK bench: guests by the official identity client, members by the sign-in facade with the code flow and
 * PKCE, meetings over Graph. Everything over the loopback http address, so that a token names an unencrypted socket and no certificate is needed.
 */
import { createHash, randomBytes } from 'node:crypto';

import { CommunicationIdentityClient } from '@azure/communication-identity';
import type { TokenScope } from '@azure/communication-identity';

import { signIn } from '../../../clients/src/sign-in.mjs';
import type { Account, House } from '../house.js';

const SCOPES = ['User.Read', 'OnlineMeetings.ReadWrite', 'Teams.ManageCalls', 'Teams.ManageChats'];
/** Of the administrator beside these. */
const ADMINISTRATION = 'Settings.ReadWrite.All';

/** A made identity with its token. */
export interface Ticket {
  /** Raw id: `8:acs:…` of a guest, `8:orgid:…` of a member. */
  readonly id: string;
  readonly token: string;
}

/** What Graph says of a meeting, as far as tests use it; the rest is there too. */
export interface OnlineMeeting extends Record<string, unknown> {
  readonly id: string;
  readonly subject: string;
  readonly joinWebUrl: string;
  readonly joinMeetingIdSettings: { readonly joinMeetingId: string; readonly passcode: string | null; readonly isPasscodeRequired: boolean };
  readonly chatInfo: { readonly threadId: string };
}

/** Makes tokens and meetings of one running server. */
export class Desk {
  private readonly identities: CommunicationIdentityClient;
  private readonly members = new Map<string, Promise<Ticket>>();
  private administrator: Promise<Ticket> | undefined;

  constructor(private readonly house: House) {
    const connection = house.ready.connectionString.replace(/endpoint=[^;]*/i, `endpoint=${house.ready.httpOrigin}`);
    this.identities = new CommunicationIdentityClient(connection, { allowInsecureConnection: true } as object);
  }

  /** A new guest. */
  async guest(scopes: TokenScope[] = ['voip', 'chat']): Promise<Ticket> {
    const { user, token } = await this.identities.createUserAndToken(scopes);
    return { id: user.communicationUserId, token };
  }

  /** Another token of a guest. */
  async again(id: string, scopes: TokenScope[] = ['voip', 'chat']): Promise<string> {
    return (await this.identities.getToken({ communicationUserId: id }, scopes)).token;
  }

  /** A member of the ready file; signed in once. */
  member(index: number): Promise<Ticket> {
    const account = this.account(index);
    const known = this.members.get(account.id);
    if (known !== undefined) return known;
    const made = this.signedIn(account);
    this.members.set(account.id, made);
    return made;
  }

  account(index: number): Account {
    const account = this.house.ready.members[index];
    if (account === undefined) throw new Error(`the ready file names no member ${String(index)}`);
    return account;
  }

  /** Asks Graph as a member; fails with what Graph says. `path` begins after the version: `/me/onlineMeetings`. */
  async graph<T = Record<string, unknown>>(member: number, method: string, path: string, body?: unknown): Promise<T> {
    const { token } = await this.member(member);
    const base = new URL(this.house.ready.graphBaseUrl).pathname.replace(/(\/v1\.0)?\/?$/, '');
    const response = await fetch(`${this.house.ready.httpOrigin}${base}/v1.0${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${String(response.status)}: ${text}`);
    return (text === '' ? {} : JSON.parse(text)) as T;
  }

  /** Changes settings of the whole house as its administrator, for example `{ policy: { guestRaisedHand: true } }`; gives them as they were. */
  async settings(change: { policy?: object; tenant?: object }): Promise<{ policy: object; tenant: object }> {
    const before = await this.administrate<{ policy: object; tenant: object }>('GET', 'settings');
    await this.administrate('PATCH', 'settings', change);
    return before;
  }

  /** Asks the administrators' API: `administrate('GET', 'surveys')`. */
  async administrate<T>(method: string, path: string, body?: object): Promise<T> {
    const account = this.account(2);
    this.administrator ??= this.signedIn(account, [...SCOPES, ADMINISTRATION]);
    const { token } = await this.administrator;
    const response = await fetch(`${this.house.ready.httpOrigin}/api/admin/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} of ${path} was answered with ${String(response.status)}: ${text}`);
    return JSON.parse(text) as T;
  }

  private async signedIn(account: Account, scopes: readonly string[] = SCOPES): Promise<Ticket> {
    const { httpOrigin, tenantId } = this.house.ready;
    const config = (await (await fetch(`${httpOrigin}/api/config`)).json()) as { meetClientId: string };
    const redirectUri = `${httpOrigin}/auth/callback`;
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: config.meetClientId,
      response_type: 'code',
      response_mode: 'query',
      redirect_uri: redirectUri,
      scope: scopes.join(' '),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const back = await signIn(`${httpOrigin}/${tenantId}/oauth2/v2.0/authorize?${query.toString()}`, account, redirectUri);
    const response = await fetch(`${httpOrigin}/${tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { origin: httpOrigin },
      body: new URLSearchParams({
        client_id: config.meetClientId,
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        redirect_uri: redirectUri,
        code_verifier: verifier,
        scope: scopes.join(' '),
      }),
    });
    const answer = (await response.json()) as { access_token?: string; error_description?: string };
    if (answer.access_token === undefined) throw new Error(`no token for ${account.userPrincipalName}: ${answer.error_description ?? 'no reason'}`);
    return { id: `8:orgid:${account.id}`, token: answer.access_token };
  }
}
