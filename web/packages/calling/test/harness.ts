// A server and surroundings to play with: sockets, peers and time under the test's hand.
import type { Peer, PeerHandlers, Platform, ReceiveSlot, SocketHandlers } from '../src/adapters/platform';
import { PLATFORM } from '../src/public/call-client';
import { CallClient } from '../src/index';
import type {
  Capability,
  ClientFrame,
  Event,
  Hello,
  IceServer,
  MediaKind,
  MeetingState,
  Participant,
  PublicationOffer,
  PublicationState,
  Refusal,
  Reply,
  RequestBody,
  SelfState,
  Snapshot,
  Welcome,
} from '../src/wire';

/** Lets promises settle. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await Promise.resolve();
}

export class FakeTrack extends EventTarget {
  enabled = true;
  muted = true;
  readyState = 'live';
  contentHint = '';
  label: string;
  constructor(
    readonly kind: 'audio' | 'video',
    readonly id = `${kind}-${String(Math.random())}`,
    private readonly settings: { width?: number; height?: number } = {},
  ) {
    super();
    this.label = this.id;
  }
  getSettings(): { width?: number; height?: number } {
    return this.settings;
  }
  stop(): void {
    this.readyState = 'ended';
  }
  endByItself(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new globalThis.Event('ended'));
  }
  arrive(): void {
    this.muted = false;
    this.dispatchEvent(new globalThis.Event('unmute'));
  }
}

export class FakeMediaStream {
  readonly id = `stream-${String(Math.random())}`;
  constructor(private readonly tracks: FakeTrack[] = []) {}
  getTracks(): FakeTrack[] {
    return [...this.tracks];
  }
  getAudioTracks(): FakeTrack[] {
    return this.tracks.filter((track) => track.kind === 'audio');
  }
  getVideoTracks(): FakeTrack[] {
    return this.tracks.filter((track) => track.kind === 'video');
  }
}

export function mediaStream(...tracks: FakeTrack[]): MediaStream {
  return new FakeMediaStream(tracks) as unknown as MediaStream;
}

export class FakePeer implements Peer {
  readonly sent = new Map<MediaKind, MediaStreamTrack | null>();
  readonly tracks: FakeTrack[] = Array.from({ length: 9 }, (_, at) => new FakeTrack('video', `slot-${String(at)}`));
  closed = false;
  flows = true;
  restarts = 0;
  report: ReadonlyMap<string, unknown> = new Map();
  answer: string | undefined;
  constructor(readonly handlers: PeerHandlers) {}
  get audioSlots(): ReceiveSlot[] {
    return [];
  }
  get videoSlots(): ReceiveSlot[] {
    return this.tracks.map((track, at) => ({ mid: String(9 + at), track: track as unknown as MediaStreamTrack }));
  }
  offer(restart = false): Promise<{ sdp: string; publications: PublicationOffer[] }> {
    if (restart) this.restarts += 1;
    return Promise.resolve({ sdp: 'offer', publications: [{ kind: 'microphone', mid: '0' }] });
  }
  accept(answer: string): Promise<void> {
    this.answer = answer;
    return Promise.resolve();
  }
  send(kind: MediaKind, track: MediaStreamTrack | null): Promise<void> {
    this.sent.set(kind, track);
    return Promise.resolve();
  }
  limit(): Promise<void> {
    return Promise.resolve();
  }
  servers: readonly IceServer[] = [];
  relayed = false;
  useServers(servers: readonly IceServer[]): void {
    this.servers = servers;
  }
  isRelayed(): Promise<boolean> {
    return Promise.resolve(this.relayed);
  }
  stats(): Promise<RTCStatsReport> {
    return Promise.resolve(this.report as unknown as RTCStatsReport);
  }
  close(): void {
    this.closed = true;
  }
}

/** One socket as the server has it. */
export class ServerSocket {
  readonly received: ClientFrame[] = [];
  open = true;
  constructor(
    readonly url: string,
    private readonly handlers: SocketHandlers,
  ) {}
  get hello(): Hello {
    const frame = this.received.find((candidate) => candidate.type === 'hello');
    if (!frame) throw new Error('no hello was received');
    return frame;
  }
  requests(): { id: number; call: string | null; body: RequestBody }[] {
    return this.received.flatMap((frame) => (frame.type === 'request' ? [{ id: frame.id, ...frame.request }] : []));
  }
  last<T extends RequestBody['type']>(type: T): { id: number; call: string | null; body: Extract<RequestBody, { type: T }> } {
    const found = this.requests().filter(({ body }) => body.type === type).at(-1);
    if (!found) throw new Error(`no ${type} was received`);
    return found as { id: number; call: string | null; body: Extract<RequestBody, { type: T }> };
  }
  count(type: RequestBody['type']): number {
    return this.requests().filter(({ body }) => body.type === type).length;
  }
  accept(): void {
    this.handlers.opened();
  }
  push(frame: unknown): void {
    this.handlers.received(JSON.stringify(frame));
  }
  welcome(over: Partial<Welcome> = {}): void {
    this.push({ type: 'welcome', ...welcome, ...over });
  }
  reply(id: number, reply: Reply): void {
    this.push({ type: 'response', id, outcome: { type: 'ok', reply } });
  }
  refuse(id: number, refusal: Refusal): void {
    this.push({ type: 'response', id, outcome: { type: 'refused', refusal } });
  }
  event(revision: number, event: Event | { type: string }, call = 'c1'): void {
    this.push({ type: 'event', call, revision, event });
  }
  drop(): void {
    if (!this.open) return;
    this.open = false;
    this.handlers.closed();
  }
}

interface Timer {
  at: number;
  action: () => void;
}

/** Surroundings under the test's hand. */
export class FakePlatform implements Platform {
  readonly sockets: ServerSocket[] = [];
  readonly peers: FakePeer[] = [];
  private clock = 0;
  private readonly timers = new Set<Timer>();
  private uuids = 0;
  openSocket: Platform['openSocket'] = (url, handlers) => {
    const socket = new ServerSocket(url, handlers);
    this.sockets.push(socket);
    return {
      send: (text) => {
        if (!socket.open) return;
        const frame = JSON.parse(text) as ClientFrame;
        socket.received.push(frame);
        if (this.answersPings && frame.type === 'ping') queueMicrotask(() => { socket.push({ type: 'pong' }); });
      },
      close: () => { socket.drop(); },
    };
  };
  createPeer: Platform['createPeer'] = (servers, handlers) => {
    const peer = new FakePeer(handlers);
    peer.servers = servers;
    this.peers.push(peer);
    return peer;
  };
  createPlayer: Platform['createPlayer'] = () => ({
    play: () => undefined,
    setMuted: () => undefined,
    setSpeaker: () => Promise.resolve(),
    close: () => undefined,
  });
  after: Platform['after'] = (ms, action) => {
    const timer = { at: this.clock + ms, action };
    this.timers.add(timer);
    return () => { this.timers.delete(timer); };
  };
  /** What meters measure. */
  loudness: number | undefined = undefined;
  meters = 0;
  createMeter: Platform['createMeter'] = () => {
    this.meters += 1;
    return { level: () => this.loudness, close: () => { this.meters -= 1; } };
  };
  now = (): number => this.clock;
  online = true;
  isOnline = (): boolean => this.online;
  /** Timers that would still go off. */
  get pending(): number {
    return this.timers.size;
  }
  resumed: () => void = () => undefined;
  onResumed: Platform['onResumed'] = (listener) => {
    this.resumed = listener;
    return () => { this.resumed = () => undefined; };
  };
  chance = (): number => 0.5;
  uuid = (): string => {
    this.uuids += 1;
    return `call-${String(this.uuids)}`;
  };
  /** Whether the server lives, as far as its sockets show; for tests of long times. */
  answersPings = false;
  /** Whoever listens for the network. */
  readonly networks = new Set<(online: boolean) => void>();
  network = (online: boolean): void => { for (const tell of [...this.networks]) tell(online); };
  onNetwork: Platform['onNetwork'] = (listener) => {
    this.networks.add(listener);
    return () => { this.networks.delete(listener); };
  };
  pageLeft: () => void = () => undefined;
  onPageLeft: Platform['onPageLeft'] = (listener) => {
    this.pageLeft = listener;
    return () => { this.pageLeft = () => undefined; };
  };
  get socket(): ServerSocket {
    const last = this.sockets.at(-1);
    if (!last) throw new Error('no socket was opened');
    return last;
  }
  get peer(): FakePeer {
    const last = this.peers.at(-1);
    if (!last) throw new Error('no peer was made');
    return last;
  }
  /** Moves time; what becomes due runs in order, with promises settled between. */
  async advance(ms: number): Promise<void> {
    const end = this.clock + ms;
    await settle();
    for (;;) {
      const due = [...this.timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers.delete(due);
      this.clock = due.at;
      due.action();
      await settle();
    }
    this.clock = end;
  }
}

export const OWN = '8:acs:resource_guest';
export const MEMBER = '8:orgid:11111111-1111-1111-1111-111111111111';
export const OTHER = '8:acs:resource_other';

const welcome: Welcome = {
  protocol: 1,
  id: OWN,
  displayName: null,
  kind: 'guest',
  iceServers: [],
  heartbeatMs: 15_000,
  resumed: [],
  lost: [],
};

export function refusal(over: Partial<Refusal> = {}): Refusal {
  return {
    code: 403,
    subCode: 5222,
    name: 'anonymousJoinDisabledByPolicy',
    message: 'No.',
    cause: 'Because.',
    fixableBy: 'administrator',
    policy: 'AllowAnonymousUsersToJoinMeeting',
    ...over,
  };
}

export function participant(id: string, over: Partial<Participant> = {}): Participant {
  return {
    id,
    session: `s-${id}`,
    displayName: id,
    kind: 'guest',
    role: 'attendee',
    muted: false,
    hand: null,
    spotlight: null,
    access: { audio: true, video: true },
    presence: 'inside',
    reconnecting: false,
    publications: [],
    ...over,
  };
}

export function publication(id: number, over: Partial<PublicationState> = {}): PublicationState {
  return { id, kind: 'camera', active: true, width: 640, height: 360, ...over };
}

export const CAPABLE: Capability[] = [
  { name: 'unmuteMic', state: { isPresent: true, reason: 'Capable' } },
  { name: 'turnVideoOn', state: { isPresent: true, reason: 'Capable' } },
  { name: 'raiseHand', state: { isPresent: false, reason: 'UserPolicyRestricted' } },
];

export function own(over: Partial<SelfState> = {}): SelfState {
  return {
    id: OWN,
    session: 's1',
    displayName: 'Guest',
    role: 'attendee',
    muted: true,
    mutedByOther: false,
    capabilities: CAPABLE,
    captions: null,
    recordingConsentRequired: false,
    transcriptionConsentRequired: false,
    ...over,
  };
}

export function meeting(over: Partial<MeetingState> = {}): MeetingState {
  return {
    subject: 'Visit',
    threadId: '19:meeting_x@thread.v2',
    serverCallId: 'srv',
    kind: 'meeting',
    groupId: null,
    locked: false,
    access: { audio: true, video: true },
    maxSpotlight: 7,
    recordings: [],
    transcribing: false,
    captions: { available: false, spokenLanguage: '', spokenLanguages: [], captionLanguages: [] },
    together: null,
    dominantSpeakers: [],
    ...over,
  };
}

export function snapshot(over: Partial<Snapshot> = {}): Snapshot {
  return {
    meeting: meeting(),
    own: own(),
    participants: [participant(OWN), participant(MEMBER, { kind: 'member', role: 'organizer', displayName: 'Maria' })],
    lobby: [],
    slots: [],
    breakout: { assigned: null, rooms: [], ends: null, returnDisabled: false, mainThreadId: null },
    ...over,
  };
}

export function tokenFor(claims: Record<string, unknown>): string {
  return ['{}', JSON.stringify(claims), 'x'].map((part) => btoa(part).replaceAll('=', '')).join('.');
}

export const TOKEN = tokenFor({ exp: 4_000_000_000, anteroomSignal: 'ws://server/signal' });

export function credential(token: string | (() => string) = TOKEN) {
  const read = typeof token === 'string' ? () => token : token;
  return { getToken: () => Promise.resolve({ token: read(), expiresOnTimestamp: 4_000_000_000_000 }), dispose: () => undefined };
}

export function clientOn(platform: FakePlatform): CallClient {
  return new CallClient({ [PLATFORM]: platform } as ConstructorParameters<typeof CallClient>[0]);
}

/** A connected guest's agent. */
export async function guestAgent(platform = new FakePlatform()) {
  const client = clientOn(platform);
  const creating = client.createCallAgent(credential(), { displayName: 'Guest' });
  await settle();
  platform.socket.accept();
  platform.socket.welcome();
  return { platform, client, agent: await creating };
}

/** A guest whose join was sent and answered, muted unless said otherwise. */
export async function joiningCall(waiting: boolean, muted = true) {
  const made = await guestAgent();
  const call = made.agent.join({ meetingLink: 'http://host/l/meetup-join/x' }, { audioOptions: { muted } });
  await settle();
  const { socket } = made.platform;
  socket.reply(socket.last('join').id, { type: 'joined', call: 'c1', session: 's1', resumeTicket: 't1', waiting });
  await settle();
  return { ...made, call, socket };
}

/** A guest in the meeting with media offered and answered. */
export async function connectedCall(over: Partial<Snapshot> = {}, muted = true) {
  const made = await joiningCall(false, muted);
  made.socket.event(1, { type: 'snapshot', snapshot: snapshot(over) });
  await settle();
  made.socket.reply(made.socket.last('offerMedia').id, { type: 'media', sdp: 'answer' });
  await settle();
  return made;
}
