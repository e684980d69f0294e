/** Made-up records of calls for the pictures: a good session, one on a bad path, one that went by the relay, one that never connected. */
import type { Carrier } from "../src/api/calls";

const minute = 60_000;
const flow = (packets: number, bytes: number, lost: number) => ({ packets, bytes, lost });

/** Not random, so that two runs take the same pictures. */
const wave = (at: number, length: number) => (1 + Math.sin((at / length) * 2 * Math.PI)) / 2;

function samples(count: number, of: { kbps: number; loss: number; roundTripMs: number; weak?: boolean; carrier: Carrier }) {
  return Array.from({ length: count }, (_, at) => {
    const bad = of.weak === true && at > count * 0.35 && at < count * 0.7;
    const kbps = (bad ? 0.25 : 1) * of.kbps * (0.85 + 0.3 * wave(at, 17));
    const packets = Math.round((kbps * 1000 * 10) / 8 / 900);
    const loss = (bad ? 8 : 1) * of.loss * (0.5 + wave(at, 11));
    return {
      atMs: (at + 1) * 10_000,
      spanMs: 10_000,
      received: flow(800, 800 * 400, Math.round(800 * loss * 0.4)),
      sent: flow(packets, packets * 900, Math.round(packets * loss)),
      roundTripMs: at === 40 ? null : of.roundTripMs * (bad ? 3 : 1) * (0.9 + 0.3 * wave(at, 23)),
      estimate: kbps * 1300,
      withheldMs: bad ? 10_000 : 0,
      videoHeight: bad ? 180 : 720,
      carrier: of.carrier,
    };
  });
}

interface Story {
  name: string;
  person: string;
  ago: number;
  count: number;
  ended: boolean;
  carriers: Carrier[];
  kbps: number;
  loss: number;
  roundTripMs: number;
  weak?: boolean;
}

const stories: Story[] = [
  { name: "Anna Berg", person: "member", ago: 19, count: 112, ended: true, carriers: ["udp"], kbps: 1800, loss: 0.001, roundTripMs: 12 },
  { name: "Maria Lindqvist", person: "guest", ago: 19, count: 111, ended: true, carriers: ["udp", "relay"], kbps: 1500, loss: 0.006, roundTripMs: 60, weak: true },
  { name: "Doctor Maximiliana Featherstonehaugh-Wintergreen of the Riverside Clinic", person: "visitor", ago: 5, count: 26, ended: false, carriers: ["tcp"], kbps: 640, loss: 0.002, roundTripMs: 180 },
  { name: "Ben Okafor", person: "member", ago: 4, count: 0, ended: true, carriers: [], kbps: 0, loss: 0, roundTripMs: 0 },
];

export function qualitySessions(now: number) {
  return stories.map((story, at) => {
    const course = samples(story.count, { ...story, carrier: story.carriers.at(-1) ?? "none" });
    const sum = (direction: "received" | "sent") =>
      course.reduce(
        (all, sample) => flow(all.packets + sample[direction].packets, all.bytes + sample[direction].bytes, all.lost + sample[direction].lost),
        flow(0, 0, 0),
      );
    const connected = story.count > 0;
    const began = now - story.ago * minute;
    return {
      session: `session-${String(at)}`,
      participant: `8:x:${String(at)}`,
      displayName: story.name,
      person: story.person,
      began: new Date(began).toISOString(),
      updated: new Date(began + Math.max(12_000, story.count * 10_000)).toISOString(),
      ended: story.ended,
      connections: story.carriers.length > 1 ? 2 : 1,
      carriers: story.carriers,
      received: sum("received"),
      sent: sum("sent"),
      medianRoundTripMs: connected ? story.roundTripMs * 1.05 : null,
      worstRoundTripMs: connected ? story.roundTripMs * (story.weak === true ? 3.6 : 1.2) : null,
      lowestEstimate: connected ? story.kbps * (story.weak === true ? 270 : 1100) : null,
      medianEstimate: connected ? story.kbps * 1300 : null,
      repaired: story.weak === true ? 1834 : connected ? 21 : 0,
      dropped: story.weak === true ? 96 : 0,
      withheldMs: course.reduce((all, sample) => all + sample.withheldMs, 0),
      largestVideo: connected ? { width: 1280, height: 720 } : null,
      samples: course,
    };
  });
}

export function qualityCalls(now: number) {
  const call = (id: string, ago: number, length: number, change: object) => ({
    id,
    kind: "meeting",
    threadId: "19:meeting_x@thread.v2",
    roomId: null,
    groupId: null,
    began: new Date(now - ago * minute).toISOString(),
    updated: new Date(now - (ago - length) * minute).toISOString(),
    running: 0,
    sessions: 2,
    people: 2,
    names: ["Anna Berg", "Maria Lindqvist"],
    received: flow(220_000, 90_000_000, 300),
    sent: flow(240_000, 190_000_000, 420),
    worstRoundTripMs: 84,
    relayed: 0,
    unconnected: 0,
    ...change,
  });
  const names = stories.map(({ name }) => name);
  return [
    call("running", 19, 19, { running: 1, sessions: 4, people: 4, names, relayed: 1, unconnected: 1, received: flow(200_000, 9e7, 2_000), sent: flow(250_000, 2e8, 4_900), worstRoundTripMs: 216 }),
    call("group", 95, 41, { kind: "group", sessions: 14, people: 12, names: ["Ben Okafor", "Clara Moreau", "Maria Lindqvist", "José Álvarez"], sent: flow(240_000, 1.9e8, 4_100), worstRoundTripMs: 420 }),
    call("good", 60 * 26, 32, {}),
    call("room", 60 * 27, 1, { kind: "room", names: ["Maria Lindqvist"], people: 1, sessions: 1, received: flow(0, 0, 0), sent: flow(0, 0, 0), worstRoundTripMs: null }),
    call("bad", 60 * 30, 12, { names: ["Maria Lindqvist", "Ben Okafor"], sent: flow(80_000, 5e7, 6_800), worstRoundTripMs: 1_840 }),
  ];
}
