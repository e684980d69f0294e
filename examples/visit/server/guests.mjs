/**
 * The application's guests: a browser session stands for one person, and that person has one communication identity per meeting.
 *
 * Reloading the page or asking again gives a fresh token of the same identity, so that whoever was turned away does not come back as
 * somebody else. Kept in memory: a real application keeps it with the appointment.
 */
import { randomBytes } from 'node:crypto';

import { CommunicationIdentityClient } from '@azure/communication-identity';

import { Limit } from './limit.mjs';

/** Sessions kept; the oldest goes when one more comes. */
const MOST_SESSIONS = 10_000;
/** Guests only join calls and take part in the chat that belongs to them; they get no other right, for no longer than a visit takes. */
const SCOPES = ['voip.join', 'chat.join.limited'];
const MINUTES = 60;
/** New identities for one source: enough for a family behind one address, too few to be a nuisance. */
const NEW_IDENTITIES = { most: 30, spanMs: 10 * 60_000 };

/** Too many new identities for one source. */
export class TooManyGuests extends Error {
  /** @param {number} waitMs */
  constructor(waitMs) {
    super('too many new guests from one source');
    this.waitMs = waitMs;
  }
}

export class Guests {
  constructor({ connectionString }, client = new CommunicationIdentityClient(connectionString), limit = new Limit(NEW_IDENTITIES)) {
    this.client = client;
    this.limit = limit;
    /** @type {Map<string, Map<string, Promise<import('@azure/communication-common').CommunicationUserIdentifier>>>} */
    this.sessions = new Map();
  }

  /** The session with this id, or a new one. */
  session(id) {
    if (id !== undefined && this.sessions.has(id)) return id;
    const fresh = randomBytes(24).toString('base64url');
    this.sessions.set(fresh, new Map());
    if (this.sessions.size > MOST_SESSIONS) this.sessions.delete(this.sessions.keys().next().value);
    return fresh;
  }

  /**
   * The person of this session in this meeting, with a token. Only a new identity counts against the limit of its source.
   * @param {string} session @param {string} meeting @param {string} source
   */
  async token(session, meeting, source) {
    const identities = this.sessions.get(session);
    if (identities === undefined) throw new Error('no such session');
    const known = identities.get(meeting);
    if (known !== undefined) {
      const user = await known;
      const { token, expiresOn } = await this.client.getToken(user, SCOPES, { tokenExpiresInMinutes: MINUTES });
      return { userId: user.communicationUserId, token, expiresOn };
    }
    const waitMs = this.limit.take(source);
    if (waitMs > 0) throw new TooManyGuests(waitMs);
    const creation = this.client.createUserAndToken(SCOPES, { tokenExpiresInMinutes: MINUTES });
    const identity = creation.then(({ user }) => user);
    identities.set(meeting, identity);
    identity.catch(() => identities.delete(meeting));
    const { user, token, expiresOn } = await creation;
    return { userId: user.communicationUserId, token, expiresOn };
  }
}
