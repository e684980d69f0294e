/**
 * Where @microsoft/microsoft-graph-client runs: in this process, or in a page of Chromium from another origin. Tests of its operations are the same
 * for both seats; a page's client is driven from here, request by request, and does everything else by itself.
 */
import { Client } from '@microsoft/microsoft-graph-client';

import { Browser } from '../browser/browser.mjs';
import { batch, pages } from './graph-helpers.mjs';
import { applicationToken, ready } from './house.mjs';
import { SCOPES, member } from './member.mjs';

const SENDING = new Set(['get', 'post', 'put', 'patch', 'delete']);

/** @typedef {{ client: string, as: Function, application: Function, of: Function, pages: Function, batch: Function, close: Function }} Seat */

/** The seats, each to be opened for a server (what its ready file says). */
export const SEATS = [
  { place: 'in Node', open: async (server = ready) => seat('js-graph', server, inNode, { pages, batch: (client, steps) => batch(client, steps, server.graphBaseUrl) }) },
  {
    place: 'in Chromium',
    open: async (server = ready) => {
      const browser = await Browser.open(server.origin);
      return { ...seatOf(await browser.page('graph.mjs'), server), close: () => browser.close() };
    },
  },
];

/** The seat on a page that has the program `graph.mjs`. */
export function seatOf(page, server = ready) {
  const run = async (method, ...given) => {
    const { value, refused } = await page.evaluate(([name, args]) => globalThis.graph[name](...args), [method, given]);
    if (refused !== undefined) throw Object.assign(new Error(refused.message), refused);
    return value;
  };
  const inPage = (access) => ({ access, api: (path) => request((calls) => run('request', access, path, calls)) });
  return seat('js-graph-browser', server, inPage, {
    pages: (client, first) => run('pages', client.access, first),
    batch: (client, steps) => run('batch', client.access, steps),
    /** Posts, and gives status, body, and the headers that the page is let see. */
    posted: (client, path, body) => page.evaluate((given) => globalThis.graph.posted(...given), [client.access, path, body]),
    page,
  });
}

function inNode({ baseUrl, accessToken }) {
  return Client.initWithMiddleware({
    baseUrl,
    customHosts: new Set([new URL(baseUrl).hostname]),
    authProvider: { getAccessToken: async () => accessToken },
  });
}

function seat(client, server, make, more) {
  const as = (accessToken) => make({ baseUrl: server.graphBaseUrl, accessToken });
  return {
    client,
    as,
    /** The client of the common server's application. */
    application: async () => as((await applicationToken()).accessToken),
    /** The client of a member of the common server. */
    of: async (account, scopes = SCOPES) => as((await (await member(account, scopes)).redeem()).accessToken),
    close: () => {},
    ...more,
  };
}

/** Notes the methods that are called, until one of them sends. */
function request(send, calls = []) {
  return new Proxy(
    {},
    {
      get: (_, method) => {
        // A request is no promise, though whoever awaits one asks it for `then`.
        if (method === 'then') return undefined;
        return (...given) => {
          const noted = [...calls, [method, ...given]];
          return SENDING.has(method) ? send(noted) : request(send, noted);
        };
      },
    },
  );
}
