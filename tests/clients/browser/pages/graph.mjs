/** A page with @microsoft/microsoft-graph-client: runs the calls that a test on the other side of the bridge has written down. */
import { Client, ResponseType, RetryHandlerOptions } from '@microsoft/microsoft-graph-client';

import { batch, pages } from '../../src/graph-helpers.mjs';

const clientWith = ({ baseUrl, accessToken }) =>
  Client.initWithMiddleware({
    baseUrl,
    customHosts: new Set([new URL(baseUrl).hostname]),
    authProvider: { getAccessToken: async () => accessToken },
  });

globalThis.graph = {
  /** One request: `calls` are the methods that the client's request is given, in their order. */
  request: (access, path, calls) =>
    settled(async () => {
      let request = clientWith(access).api(path);
      for (const [method, ...given] of calls) request = request[method](...given);
      const answer = await request;
      return answer instanceof ReadableStream || answer instanceof Blob ? new Response(answer).text() : answer;
    }),
  pages: (access, first) => settled(() => pages(clientWith(access), first)),
  batch: (access, steps) => settled(() => batch(clientWith(access), steps, access.baseUrl)),

  /** An answer with the headers that a page is let see; nothing is tried again. */
  posted: async (access, path, body) => {
    const once = new RetryHandlerOptions(0, 0);
    const response = await clientWith(access).api(path).middlewareOptions([once]).responseType(ResponseType.RAW).post(body);
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.json() };
  },
};

/** An error has to cross the bridge as plain facts. */
async function settled(work) {
  try {
    return { value: await work() };
  } catch (error) {
    const { statusCode, code, message, requestId, headers } = error;
    return { refused: { statusCode, code, message, requestId, headers: headers && Object.fromEntries(headers) } };
  }
}
