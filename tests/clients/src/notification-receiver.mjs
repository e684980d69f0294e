/** An application's HTTPS endpoint for change notifications, as its documentation asks for it. */
import { once } from 'node:events';
import { createServer } from 'node:https';

import { selfSigned } from './certificates.mjs';

const PATIENCE_MS = 60_000;

/** Starts it; `ca` is the certificate to trust, `url(path)` its addresses, `next(path, wanted)` the next item there that is wanted. */
export async function startReceiver() {
  const own = selfSigned();
  const received = [];
  const statuses = [];
  const waiting = new Set();
  const server = createServer({ key: own.key, cert: own.certificate }, async (request, response) => {
    const url = new URL(request.url, 'https://receiver');
    const token = url.searchParams.get('validationToken');
    let text = '';
    for await (const chunk of request) text += chunk;
    if (token !== null) {
      response.writeHead(200, { 'content-type': 'text/plain' }).end(token);
      return;
    }
    const status = statuses.shift() ?? 202;
    response.writeHead(status).end();
    const body = JSON.parse(text);
    for (const item of body.value) received.push({ path: url.pathname, status, item, validationTokens: body.validationTokens });
    for (const look of waiting) look();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();

  /** Takes the first item at `path` that is wanted out of what came, or waits for it. */
  const next = (path, wanted = () => true) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const at = received.findIndex((entry) => entry.path === path && wanted(entry));
        if (at < 0) return false;
        waiting.delete(look);
        clearTimeout(timer);
        resolve(received.splice(at, 1)[0]);
        return true;
      };
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`nothing that was wanted came to ${path}; what came: ${JSON.stringify(received)}`));
      }, PATIENCE_MS);
      if (!look()) waiting.add(look);
    });

  return {
    ca: own.certificate,
    url: (path, host = '127.0.0.1') => `https://${host}:${port}${path}`,
    next,
    /** Answers the next notification with this status. */
    refuseNext: (status) => statuses.push(status),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
