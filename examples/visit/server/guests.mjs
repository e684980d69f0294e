/**
 * The application's guests: a browser session stands for one person, and that person has one communication identity per meeting.
 *
 * Reloading the page or asking again gives a fresh token of the same identity, so that whoever was turned away does not come back as
 * somebody else. Kept in memory: a real application keeps it with the appointment.
 */
import { randomBytes } from 'node:crypto';

import { CommunicationIdentityClient } from '@azure/communication-identity';

/** Sessions kept; the oldest goes when one more comes. */
const MOST_SESSIONS = 10_000;
/** Guests only join calls; they get no other right, for no longer than a visit takes. */
const SCOPES = ['voip'];
const MINUTES = 60;

export class Guests {
  constructor({ connectionString }, client = new CommunicationIdentityClient(connectionString)) {
    this.client = client;
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
   * A token for the person of this session in this meeting.
   * @param {string} session @param {string} meeting
   */
  async token(session, meeting) {
    const identities = this.sessions.get(session);
    if (identities === undefined) throw new Error('no such session');
    const known = identities.get(meeting);
    if (known !== undefined) {
      const { token, expiresOn } = await this.client.getToken(await known, SCOPES, { tokenExpiresInMinutes: MINUTES });
      return { token, expiresOn };
    }
    const creation = this.client.createUserAndToken(SCOPES, { tokenExpiresInMinutes: MINUTES });
    const identity = creation.then(({ user }) => user);
    identities.set(meeting, identity);
    identity.catch(() => identities.delete(meeting));
    const { token, expiresOn } = await creation;
    return { token, expiresOn };
  }
}
