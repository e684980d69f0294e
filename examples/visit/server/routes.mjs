/**
 * The routes of the application:
 *
 * | route | answer |
 * |---|---|
 * | `GET /` | says that a link is needed; lists nothing |
 * | `GET /visit?meeting=<join link>` (or `?organizer=…&id=…`) | the page |
 * | `GET /api/visit?…` (same query) | what the guest may know before joining |
 * | `POST /api/visit` `{ "meeting": … }` (or `{ "organizer", "id" }`) | this guest's identity and token, the join link, where the chat is |
 */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';

import { TooManyGuests } from './guests.mjs';

const DIST = new URL('../dist/', import.meta.url);
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.map': 'application/json' };
const FILES = new Set(['fabric-config.js', 'visit.js', 'visit.js.map', 'visit.css', 'mark.svg']);
const COOKIE = 'riverside_visit';
const MOST_BODY_BYTES = 16 * 1024;

/** An answer that is not what the caller hoped for. */
class Refusal extends Error {
  constructor(status, code, message, headers = {}) {
    super(message);
    this.headers = headers;
    this.status = status;
    this.code = code;
  }
}

/** @param {{ meetings: import('./meetings.mjs').Meetings, guests: import('./guests.mjs').Guests, communicationEndpoint: string }} parts */
export function routes(parts) {
  return async (request, response) => {
    try {
      await answer(request, response, parts);
    } catch (error) {
      if (!(error instanceof Refusal)) process.stderr.write(`${request.method} ${request.url?.split('?')[0]}: ${error.stack ?? error}\n`);
      const refusal = error instanceof Refusal ? error : new Refusal(502, 'meetingServerFailed', 'The meeting server could not be asked. Please try again in a moment.');
      if (!response.headersSent) json(response, refusal.status, { error: { code: refusal.code, message: refusal.message } }, refusal.headers);
      else response.destroy();
    }
  };
}

async function answer(request, response, { meetings, guests, communicationEndpoint }) {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const route = `${request.method} ${url.pathname}`;
  if (route === 'GET /' || route === 'GET /visit') return file(response, 'index.html', communicationEndpoint);
  if (request.method === 'GET' && FILES.has(url.pathname.slice(1))) return file(response, url.pathname.slice(1), communicationEndpoint);
  if (route === 'GET /api/visit') {
    const meeting = await find(meetings, Object.fromEntries(url.searchParams));
    return json(response, 200, told(meeting));
  }
  if (route === 'POST /api/visit') {
    const meeting = await find(meetings, await body(request));
    const session = guests.session(cookie(request));
    const { userId, token, expiresOn } = await guests.token(session, meeting.id, request.socket.remoteAddress ?? '').catch(refuseTooMany);
    response.setHeader('Set-Cookie', `${COOKIE}=${session}; Path=/; HttpOnly; SameSite=Lax`);
    return json(response, 200, { ...told(meeting), userId, token, expiresOn, joinUrl: meeting.joinUrl, endpoint: communicationEndpoint });
  }
  throw new Refusal(404, 'notFound', 'There is nothing here.');
}

function refuseTooMany(error) {
  if (!(error instanceof TooManyGuests)) throw error;
  const seconds = String(Math.ceil(error.waitMs / 1000));
  throw new Refusal(429, 'tooManyGuests', 'Too many visits were opened from here. Please wait some minutes, or call the clinic.', { 'Retry-After': seconds });
}

/** What the application tells its guest. The subject stays inside: it is the clinic's note, not the guest's. */
function told(meeting) {
  return { title: 'Your video visit', start: meeting.start };
}

async function find(meetings, { meeting, organizer, id }) {
  const text = (value) => typeof value === 'string' && value.length > 0 && value.length < 4096;
  let found;
  if (text(meeting)) found = await meetings.byJoinUrl(meeting);
  else if (text(organizer) && text(id)) found = await meetings.byId(organizer, id);
  else throw new Refusal(400, 'meetingMissing', 'This address names no visit. Please use the link that the clinic sent you.');
  if (found === undefined) throw new Refusal(404, 'visitNotFound', 'The clinic does not know this visit. Please check the link or call the clinic.');
  return found;
}

async function body(request) {
  // Not a simple request for a browser: other sites cannot send it in a guest's name.
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) throw new Refusal(415, 'jsonExpected', 'The body has to be JSON.');
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) throw new Refusal(413, 'bodyTooLarge', `The body may have ${MOST_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  try {
    const value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Answered below.
  }
  throw new Refusal(400, 'malformedBody', 'The body is not a JSON object.');
}

function cookie(request) {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=');
    if (name === COOKIE) return value;
  }
  return undefined;
}

async function file(response, name, communicationEndpoint) {
  const content = await readFile(new URL(name, DIST));
  response.writeHead(200, {
    'Content-Type': TYPES[extname(name)],
    'Cache-Control': 'no-cache',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Content-Security-Policy': policy(communicationEndpoint),
    'Permissions-Policy': 'camera=(self), microphone=(self), display-capture=(self)',
  });
  response.end(content);
}

/**
 * What the page may load and contact. Signalling goes to whatever server the token names, the chat to the communication service, nothing else leaves
 * this origin. The component library writes its styles into the page and draws pictures from data and blob addresses; scripts come from here alone.
 */
function policy(communicationEndpoint) {
  return [
    "default-src 'self'",
    `connect-src 'self' ws: wss: ${communicationEndpoint}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "media-src 'self' data: blob:",
    "frame-ancestors 'none'",
    // The page has no use for these; what others write cannot have one either.
    "frame-src 'none'",
    "object-src 'none'",
    "form-action 'none'",
    "base-uri 'none'",
  ].join('; ');
}

function json(response, status, value, headers = {}) {
  response.writeHead(status, { ...headers, 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  response.end(JSON.stringify(value));
}
