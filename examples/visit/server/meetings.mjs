/** Reads the organisation's meetings with the application's own permissions, through the official Graph and MSAL packages. */
import { ConfidentialClientApplication } from '@azure/msal-node';
import { Client } from '@microsoft/microsoft-graph-client';

import { organizerOf } from './join-url.mjs';

/** What this application wants to know of a meeting. */
const FIELDS = 'id,subject,startDateTime,endDateTime,joinWebUrl';

export class Meetings {
  constructor({ graphBaseUrl, authority, clientId, clientSecret }) {
    const base = new URL(graphBaseUrl);
    const application = new ConfidentialClientApplication({
      auth: { clientId, clientSecret, authority, knownAuthorities: [new URL(authority).host] },
    });
    this.graph = Client.initWithMiddleware({
      baseUrl: `${graphBaseUrl}/`,
      // The token goes to this host and to no other.
      customHosts: new Set([base.hostname]),
      authProvider: {
        // MSAL keeps the token until shortly before it expires.
        getAccessToken: async () => {
          const result = await application.acquireTokenByClientCredential({ scopes: [`${base.origin}/.default`] });
          if (result === null) throw new Error('the sign-in service gave no token');
          return result.accessToken;
        },
      },
    });
  }

  /**
   * The meeting behind a join link, or `undefined` when there is none that this application may read.
   * @param {string} joinUrl
   */
  async byJoinUrl(joinUrl) {
    const organizer = organizerOf(joinUrl);
    if (organizer === undefined) return undefined;
    const quoted = encodeURIComponent(joinUrl.replaceAll("'", "''"));
    return readable(async () => {
      const found = await this.graph.api(`/users/${organizer}/onlineMeetings`).filter(`JoinWebUrl eq '${quoted}'`).get();
      return found.value[0];
    });
  }

  /**
   * The meeting with this id, as its organizer's calendar or another program named it.
   * @param {string} organizer @param {string} id
   */
  async byId(organizer, id) {
    const path = `/users/${encodeURIComponent(organizer)}/onlineMeetings/${encodeURIComponent(id)}`;
    return readable(() => this.graph.api(path).select(FIELDS).get());
  }

  /**
   * One meeting for the demo; asked again with the same external id, the same meeting comes back.
   * @param {string} organizer
   */
  async demo(organizer) {
    const meeting = await this.graph
      .api(`/users/${organizer}/onlineMeetings/createOrGet`)
      .post({ externalId: 'demo-visit', subject: 'Demo visit', startDateTime: new Date().toISOString() });
    return shaped(meeting);
  }
}

/** The meeting that a request finds, or `undefined`: unknown and forbidden look the same to the person with the link. */
async function readable(request) {
  try {
    const meeting = await request();
    return meeting === undefined ? undefined : shaped(meeting);
  } catch (error) {
    if ([400, 403, 404].includes(error.statusCode)) return undefined;
    throw error;
  }
}

function shaped(meeting) {
  return { id: meeting.id, joinUrl: meeting.joinWebUrl, start: meeting.startDateTime, end: meeting.endDateTime };
}
