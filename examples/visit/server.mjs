/**
 * Riverside Clinic: what an organisation's own application looks like.
 *
 * It owns nothing of the meeting server. It reads meetings with the official Graph client (signed in with its client id and secret through
 * the official MSAL), gets identities and tokens for its guests with the official communication client, and serves one page, which is the published UI
 * library in the clinic's colours (`page/`).
 * Its configuration is in `server/config.mjs`, its routes in `server/routes.mjs`.
 */
import { createServer } from 'node:http';
import { rename, writeFile } from 'node:fs/promises';

import { readConfig } from './server/config.mjs';
import { Guests } from './server/guests.mjs';
import { Meetings } from './server/meetings.mjs';
import { routes } from './server/routes.mjs';

const config = await readConfig(process.env);
const meetings = new Meetings(config);
const guests = new Guests(config);

const server = createServer(routes({ meetings, guests, communicationEndpoint: config.communicationEndpoint }));
server.listen(config.port, config.host);
await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));

const origin = `http://${config.host}:${server.address().port}`;
process.stdout.write(`Riverside Clinic answers on ${origin}\n`);

if (config.demoOrganizer !== undefined) {
  const meeting = await meetings.demo(config.demoOrganizer);
  const links = { origin, memberUrl: meeting.joinUrl, guestUrl: `${origin}/visit?meeting=${encodeURIComponent(meeting.joinUrl)}` };
  if (config.readyFile === undefined) {
    process.stdout.write(`The demo visit: ${links.guestUrl}\n`);
  } else {
    await writeFile(`${config.readyFile}.partial`, JSON.stringify(links, null, 2));
    await rename(`${config.readyFile}.partial`, config.readyFile);
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
