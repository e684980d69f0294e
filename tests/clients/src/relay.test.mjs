// @azure/communication-network-traversal against the relay API, and what it issues against a real relay (coturn).
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { CommunicationIdentityClient } from '@azure/communication-identity';
import { CommunicationRelayClient } from '@azure/communication-network-traversal';
import { AzureKeyCredential } from '@azure/core-auth';
import { ClientSecretCredential } from '@azure/identity';

import { Browser } from '../browser/browser.mjs';
import { refused, worked } from './coverage.mjs';
import { ready as withoutRelay } from './house.mjs';
import { ownServer } from './own-server.mjs';

const CLIENT = 'js-relay';
const SECRET = 'a secret that only the relay and the server have';
const TURNSERVER = process.env.ANTEROOM_TURNSERVER ?? '/usr/bin/turnserver';
const UCLIENT = process.env.ANTEROOM_TURNUTILS_UCLIENT ?? '/usr/bin/turnutils_uclient';

let port;
let relay;
let own;
let client;
let identities;

before(async () => {
  assert.ok(existsSync(TURNSERVER), `${TURNSERVER} is missing; install it: apt-get install coturn`);
  port = await freeUdpPort();
  relay = await startRelay(port);
  own = await ownServer(['--relay-url', `stun:127.0.0.1:${port}`, '--relay-url', `turn:127.0.0.1:${port}?transport=udp`], {
    ANTEROOM_RELAY_SECRET: SECRET,
  });
  client = new CommunicationRelayClient(own.ready.connectionString);
  identities = new CommunicationIdentityClient(own.ready.connectionString);
});

after(async () => {
  relay?.kill('SIGTERM');
  await own?.stop();
});

test('a configuration for nobody in particular names the relays for each route and lasts two days', async () => {
  const { expiresOn, iceServers } = await client.getRelayConfiguration();
  assert.ok(Math.abs(expiresOn.getTime() - Date.now() - 48 * 60 * 60 * 1000) < 120_000);
  assert.deepEqual(
    iceServers.map(({ routeType }) => routeType),
    ['any', 'nearest'],
  );
  for (const server of iceServers) {
    assert.deepEqual(server.urls, [`stun:127.0.0.1:${port}`, `turn:127.0.0.1:${port}?transport=udp`]);
    assert.ok(server.username.length > 0 && server.credential.length > 0);
  }
});

test('a configuration is for the identity, the route and the time that are asked for', async () => {
  const user = await identities.createUser();
  const { expiresOn, iceServers } = await client.getRelayConfiguration({ id: user.communicationUserId, routeType: 'nearest', ttl: 600 });
  assert.ok(Math.abs(expiresOn.getTime() - Date.now() - 600_000) < 60_000);
  assert.equal(iceServers.length, 1);
  assert.equal(iceServers[0].routeType, 'nearest');
  assert.ok(iceServers[0].username.endsWith(user.communicationUserId));
  worked('relay.issue', CLIENT);
});

test('a deleted identity gets no configuration', async () => {
  const user = await identities.createUser();
  await client.getRelayConfiguration({ id: user.communicationUserId });
  await identities.deleteUser(user);
  await assert.rejects(client.getRelayConfiguration({ id: user.communicationUserId }), (error) => error.statusCode === 404);
  refused('relay.issue', CLIENT);
});

test('a page of another origin gets a configuration for an identity, and none for a deleted one', async (t) => {
  const browser = await Browser.open(own.ready.origin);
  t.after(() => browser.close());
  const page = await browser.page('communication.mjs');
  const [user, gone] = await Promise.all([identities.createUser(), identities.createUser()]);
  await identities.deleteUser(gone);
  const { configuration, failure } = await page.evaluate((given) => globalThis.communication.relay(...given), [
    own.ready.connectionString,
    { id: user.communicationUserId, routeType: 'any', ttl: 600 },
    { id: gone.communicationUserId },
  ]);
  const [server, ...more] = configuration.iceServers;
  assert.deepEqual([server.urls.length, server.routeType, more], [2, 'any', []]);
  assert.ok(Math.abs(configuration.expiresOn.getTime() - Date.now() - 600_000) < 60_000);
  await allocate(server.username, server.credential);
  worked('relay.issue', 'js-relay-browser');
  assert.equal(failure.statusCode, 404);
  assert.equal(failure.errorCode, failure.code);
  refused('relay.issue', 'js-relay-browser');
});

test('a server without a relay says so at once', async () => {
  const lonely = new CommunicationRelayClient(withoutRelay.connectionString);
  const began = Date.now();
  await assert.rejects(lonely.getRelayConfiguration(), (error) => {
    assert.equal(error.statusCode, 404);
    assert.match(error.message, /no relay/);
    return true;
  });
  assert.ok(Date.now() - began < 3_000, 'the client did not try again');
});

test('a wrong key is refused, plain http works without a switch, and an application may sign in instead', async () => {
  const stranger = new CommunicationRelayClient(own.ready.origin, new AzureKeyCredential(Buffer.from('another key').toString('base64')));
  await assert.rejects(stranger.getRelayConfiguration(), (error) => error.statusCode === 401);
  const key = /accesskey=(.*)$/.exec(own.ready.connectionString)[1];
  assert.ok((await new CommunicationRelayClient(own.ready.httpOrigin, new AzureKeyCredential(key)).getRelayConfiguration()).iceServers);
  const { authority, tenantId, application } = own.ready;
  const credential = new ClientSecretCredential(tenantId, application.clientId, application.clientSecret, {
    authorityHost: new URL(authority).origin,
    disableInstanceDiscovery: true,
  });
  assert.ok((await new CommunicationRelayClient(own.ready.origin, credential).getRelayConfiguration()).iceServers);
});

test('a real relay grants an allocation for the credential, and none for a changed or an expired one', async () => {
  const { communicationUserId: id } = await identities.createUser();
  const { iceServers } = await client.getRelayConfiguration({ id, ttl: 600 });
  const { username, credential } = iceServers[0];
  await allocate(username, credential);
  const changed = `${credential.startsWith('A') ? 'B' : 'A'}${credential.slice(1)}`;
  await assert.rejects(allocate(username, changed));
  const [end, ...whom] = username.split(':');
  await assert.rejects(allocate([Number(end) + 600, ...whom].join(':'), credential));
  const expired = [Math.floor(Date.now() / 1000) - 60, ...whom].join(':');
  await assert.rejects(allocate(expired, createHmac('sha1', SECRET).update(expired).digest('base64')));
  await allocate(username, credential);
});

/** Sends a few messages through the relay to itself; fails when the relay grants no place. */
async function allocate(username, password) {
  const { stdout } = await promisify(execFile)(UCLIENT, ['-y', '-u', username, '-w', password, '-p', String(port), '-n', '2', '-m', '1', '-l', '100', '127.0.0.1'], {
    timeout: 20_000,
  });
  assert.match(stdout, /tot_recv_msgs=[1-9]/, stdout);
}

async function startRelay(listening) {
  const child = spawn(
    TURNSERVER,
    [
      ...['-n', '--verbose', '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${listening}`, '--realm=anteroom', '--log-file=stdout'],
      ...['--use-auth-secret', `--static-auth-secret=${SECRET}`, '--allow-loopback-peers', '--no-tls', '--no-dtls', '--no-cli', '--fingerprint'],
      ...['--pidfile=', '--relay-threads=1'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`turnserver ended with ${code}: ${said}`)));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said = `${said}${text}`.slice(-20_000);
        if (/IPv4\. UDP listener opened on/.test(said)) resolve();
      });
    }
  });
  child.removeAllListeners('exit');
  return child;
}

async function freeUdpPort() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port: free } = socket.address();
  socket.close();
  return free;
}
