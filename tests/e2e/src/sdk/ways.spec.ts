/** Networks that let little through: the embedded relay over UDP, TCP and TLS, and media over TCP without a relay. */
import type { Bench, Person } from './bench.js';
import { expect, test } from './bench.js';

/** What the page's connections may use. */
interface Only {
  /** Relays whose address contains this pattern; no relay at all otherwise. */
  readonly relay?: string;
  /** The server's TCP candidates only. */
  readonly tcp?: true;
}

/** From now on the person's network lets nothing else through. */
async function closedNetwork(person: Person, only: Only): Promise<void> {
  await person.run(({ relay, tcp }) => {
    const Open = window.RTCPeerConnection;
    const closed = (configuration: RTCConfiguration = {}): RTCConfiguration => ({
      ...configuration,
      iceTransportPolicy: relay === undefined ? 'all' : 'relay',
      iceServers: (configuration.iceServers ?? []).flatMap((server) => {
        const urls = [server.urls].flat().filter((url) => relay !== undefined && new RegExp(relay).test(url));
        return urls.length === 0 ? [] : [{ ...server, urls }];
      }),
    });
    window.RTCPeerConnection = class extends Open {
      constructor(configuration?: RTCConfiguration) {
        super(closed(configuration));
      }
      override setConfiguration(configuration?: RTCConfiguration): void {
        super.setConfiguration(closed(configuration));
      }
      override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
        const sdp = tcp === undefined ? description.sdp : description.sdp?.replace(/^a=candidate:\S+ \d+ udp .*\r\n/gim, '');
        return super.setRemoteDescription({ ...description, sdp });
      }
    };
  }, only);
}

interface Way {
  local: string;
  protocol: string;
  relay: string | undefined;
  port: number;
  remote: string;
}

/** How the media of the person's last connection travel. */
function way(person: Person): Promise<Way> {
  return person.run(async () => {
    const report = await window.__peers!.at(-1)!.getStats();
    const found: Way[] = [];
    report.forEach((entry: { type: string; selectedCandidatePairId?: string }) => {
      if (entry.type !== 'transport' || entry.selectedCandidatePairId === undefined) return;
      const pair = report.get(entry.selectedCandidatePairId) as { localCandidateId: string; remoteCandidateId: string };
      const local = report.get(pair.localCandidateId) as { candidateType: string; protocol: string; port: number; relayProtocol?: string };
      const remote = report.get(pair.remoteCandidateId) as { candidateType: string };
      found.push({ local: local.candidateType, protocol: local.protocol, relay: local.relayProtocol, port: local.port, remote: remote.candidateType });
    });
    return found[0]!;
  });
}

async function number(bench: Bench, name: string): Promise<number> {
  const page = await (await fetch(bench.house.ready.metricsUrl)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(page)?.[1]);
}

/** Anna on an open network and Maria on a closed one see and hear each other. */
async function two(bench: Bench, only: Only): Promise<{ anna: Person; maria: Person }> {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { camera: true });
  // The relay's certificate is of the local authority.
  const maria = await bench.person({ kind: 'guest', name: 'Maria', args: only.relay?.startsWith('^turns') === true ? ['--ignore-certificate-errors'] : [] });
  await closedNetwork(maria, only);
  await maria.enters(meeting.byLink, { camera: true });
  await Promise.all([anna.meets(maria), maria.meets(anna)]);
  await Promise.all([anna.decodes(maria), maria.decodes(anna)]);
  await Promise.all([anna.hears(), maria.hears()]);
  expect((await way(anna)).local, 'nobody else needs a relay').not.toBe('relay');
  return { anna, maria };
}

for (const [name, only, protocol] of [
  ['UDP', { relay: '^turn:.*=udp$' }, 'udp'],
  ['TCP', { relay: '^turn:.*=tcp$' }, 'tcp'],
  ['TLS', { relay: '^turns:' }, 'tls'],
] as const) {
  test(`who reaches the relay over ${name} only sees and is seen, until they are removed`, async ({ bench }) => {
    const { anna, maria } = await two(bench, only);
    expect(await way(maria)).toMatchObject({ local: 'relay', protocol: 'udp', relay: protocol, remote: 'host' });
    expect(await number(bench, 'anteroom_relay_allocations')).toBeGreaterThan(0);
    await maria.run(() => { window.__peers!.at(-1)!.close = () => undefined; });
    await anna.run((id) => sdk.call.removeParticipant(sdk.common.createIdentifierFromRawId(id)), maria.id);
    await maria.state('Disconnected');
    await anna.leave();
    // Her connection was left open: the relay has let go by itself.
    await expect.poll(() => number(bench, 'anteroom_relay_allocations')).toBe(0);
  });
}

test('who may use TCP only reaches the engine on its own number, without a relay', async ({ bench }) => {
  const { maria } = await two(bench, { tcp: true });
  expect(await way(maria)).toMatchObject({ protocol: 'tcp', relay: undefined, remote: 'host' });
  expect(await number(bench, 'anteroom_media_tcp_connections')).toBe(1);
  await maria.leave();
  await expect.poll(() => number(bench, 'anteroom_media_tcp_connections')).toBe(0);
});

test('a call through the relay goes over to newer credentials without an interruption', async ({ bench }) => {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { camera: true });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  await closedNetwork(maria, { relay: '=udp$' });
  // Her page believes that credentials live for a few seconds; those of the server live for an hour.
  await maria.run(() => {
    const { parse } = JSON;
    JSON.parse = (text: string, reviver?: (key: string, value: unknown) => unknown): unknown =>
      parse(text.replace(/"lifetimeS":3600/, '"lifetimeS":30'), reviver);
  });
  await maria.enters(meeting.byLink, { camera: true });
  await Promise.all([anna.decodes(maria), maria.decodes(anna)]);
  await maria.events('Features.UserFacingDiagnostics.network', 'diagnosticChanged');
  const before = await way(maria);
  const peers = await maria.run(() => window.__peers!.length);
  await expect.poll(() => maria.witness.sent.filter((frame) => frame.includes('renewIceServers')).length, { timeout: 60_000 }).toBeGreaterThan(0);
  await expect.poll(async () => (await way(maria)).port, { message: 'another allocation' }).not.toBe(before.port);
  expect(await way(maria)).toMatchObject({ local: 'relay', relay: 'udp' });
  expect(await maria.run(() => window.__peers!.length)).toBe(peers);
  await Promise.all([anna.decodes(maria), maria.decodes(anna)]);
  expect(maria.heard('Features.UserFacingDiagnostics.network', 'diagnosticChanged')).toEqual([]);
});
