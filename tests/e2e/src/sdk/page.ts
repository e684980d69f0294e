/**
 * Runs in the page of the SDK bench: makes the client and the agent, joins, records events, shows remote videos.
 *
 * Everything that tests use is on `window.sdk`. What is recorded is handed to the test at once (`window.sdkEvent`, a binding of the runner).
 */
import * as calling from '@anteroom/calling';
import type { Call, CallAgent, DeviceManager, IncomingCall, JoinLocator, RemoteParticipant, RemoteVideoStream, TeamsCall, TeamsCallAgent, TeamsIncomingCall } from '@anteroom/calling';
import * as common from '@azure/communication-common';

/** What tests find on the page. */
export interface Sdk {
  /** The whole module of the calling SDK. */
  readonly module: typeof calling;
  /** The whole module of the common package: credential and identifiers. */
  readonly common: typeof common;
  client: calling.CallClient;
  /** The agent of the person; a member's is a `TeamsCallAgent`. */
  agent: CallAgent;
  devices: DeviceManager;
  /** The call that was joined last. */
  call: Call;
  /** Incoming calls, in the order of their arrival. */
  readonly incoming: IncomingCall[];
  /** Begins: client, device manager, agent. */
  begin(person: Beginning): Promise<void>;
  /** Joins and keeps `call`. */
  join(locator: JoinLocator, options: JoinWish): Promise<void>;
  /** Keeps another call as `call`, with the recording that was asked for. */
  keep(call: Call): void;
  /** Records these events from now on, and those of every later call. */
  watch(target: string, names: readonly string[]): void;
  /** What a path names: `call`, `call.lobby`, `agent`, `devices`, `Features.Reaction`, `Features.Captions.captions`, `participant:<raw id>`. */
  find(target: string): unknown;
  /** The remote participant with this raw id. */
  participant(id: string): RemoteParticipant | undefined;
  /** Frames shown so far of remote videos (of one person, of one kind); makes their views. */
  frames(who?: string, kind?: 'Video' | 'ScreenSharing'): Promise<number>;
}

/** Who the page is to be. */
export interface Beginning {
  readonly kind: 'guest' | 'member';
  readonly token: string;
  readonly name: string | undefined;
  /** Options of the client. */
  readonly client: object;
}

/** How to join: `camera` starts the first camera; everything else is passed on. */
export interface JoinWish {
  readonly camera?: boolean | undefined;
  readonly muted?: boolean | undefined;
}

declare global {
  interface Window {
    sdk: Sdk;
    /** Tells the test of an event. */
    sdkEvent?: (event: { target: string; name: string; payload: unknown }) => void;
    /** A new token from the test. */
    sdkToken?: () => Promise<string>;
  }
  var sdk: Sdk;
}

interface Emits {
  on(name: string, listener: (payload?: unknown) => void): void;
}

const watched: { target: string; name: string; on?: unknown }[] = [];
const views = new Map<RemoteVideoStream, Promise<HTMLElement>>();

/** What survives the way to the test: identifiers become raw ids, objects of the SDK a few words. */
function plain(value: unknown, depth = 0): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value === undefined || typeof value === 'function') return undefined;
  if (typeof value !== 'object') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return { ...value, name: value.name, message: value.message };
  if (ArrayBuffer.isView(value)) return { bytes: value.byteLength };
  if (depth > 5) return '…';
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (value instanceof Map) return Object.fromEntries([...(value as Map<unknown, unknown>)].map(([key, item]) => [String(key), plain(item, depth + 1)]));
  const object = value as Record<string, unknown>;
  if (common.isCommunicationUserIdentifier(object as never) || common.isMicrosoftTeamsUserIdentifier(object as never)) {
    return common.getIdentifierRawId(object as never);
  }
  if ('identifier' in object && 'videoStreams' in object) {
    return { id: plain(object['identifier']), displayName: object['displayName'], state: object['state'], role: object['role'] };
  }
  if ('remoteParticipants' in object) return { id: object['id'], state: object['state'], kind: object['kind'], callEndReason: plain(object['callEndReason'], depth + 1) };
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, plain(item, depth + 1)]));
}

/** The property that `xChanged` is about. */
function changed(target: unknown, name: string): unknown {
  const property = name.replace(/Changed$/, '');
  const key = property.charAt(0).toLowerCase() + property.slice(1);
  return (target as Record<string, unknown>)[key];
}

function attach(entry: (typeof watched)[number]): void {
  const { target, name } = entry;
  const source = sdk.find(target) as Emits | undefined;
  if (source === undefined || entry.on === source) return;
  entry.on = source;
  source.on(name, (payload) => {
    window.sdkEvent?.({ target, name, payload: plain(payload === undefined ? changed(source, name) : payload) });
  });
}

function view(stream: RemoteVideoStream): Promise<HTMLElement> {
  let made = views.get(stream);
  if (made === undefined) {
    made = new calling.VideoStreamRenderer(stream).createView({ scalingMode: 'Crop' }).then(({ target }) => {
      const frame = document.createElement('div');
      frame.append(target);
      document.querySelector('#stage')?.append(frame);
      return target;
    });
    // A stream that is not there yet, or no more, is asked for again.
    made.catch(() => views.delete(stream));
    views.set(stream, made);
  }
  return made;
}

window.sdk = {
  module: calling,
  common,
  incoming: [],
  async begin({ kind, token, name, client }) {
    sdk.client = new calling.CallClient(client);
    sdk.devices = await sdk.client.getDeviceManager();
    const credential = new common.AzureCommunicationTokenCredential({ token, tokenRefresher: () => window.sdkToken?.() ?? Promise.reject(new Error('no binding')) });
    const agent: CallAgent | TeamsCallAgent =
      kind === 'member' ? await sdk.client.createTeamsCallAgent(credential) : await sdk.client.createCallAgent(credential, name === undefined ? {} : { displayName: name });
    sdk.agent = agent as CallAgent;
    sdk.agent.on('incomingCall', ({ incomingCall }: { incomingCall: IncomingCall | TeamsIncomingCall }) => {
      sdk.incoming.push(incomingCall as IncomingCall);
    });
    sdk.watch('agent', ['callsUpdated', 'incomingCall', 'connectionStateChanged']);
    sdk.watch('call', ['stateChanged', 'remoteParticipantsUpdated', 'roleChanged']);
  },
  async join(locator, { camera = false, muted = false, ...more }) {
    const localVideoStreams = [];
    if (camera) {
      const [first] = await sdk.devices.getCameras();
      if (first === undefined) throw new Error('there is no camera');
      localVideoStreams.push(new calling.LocalVideoStream(first));
    }
    sdk.keep(sdk.agent.join(locator as { meetingLink: string }, { videoOptions: { localVideoStreams }, audioOptions: { muted }, ...more }));
  },
  keep(call: Call | TeamsCall) {
    sdk.call = call as Call;
    for (const entry of watched) attach(entry);
    // Whom one calls is there only when the server has answered.
    sdk.call.on('remoteParticipantsUpdated', () => {
      for (const entry of watched) if (entry.target.startsWith('participant:')) attach(entry);
    });
  },
  watch(target, names) {
    for (const name of names) {
      if (watched.some((entry) => entry.target === target && entry.name === name)) continue;
      const entry = { target, name };
      watched.push(entry);
      attach(entry);
    }
  },
  find(target) {
    if (target.startsWith('participant:')) return (sdk.call as Call | undefined) && sdk.participant(target.slice('participant:'.length));
    const [first = '', ...rest] = target.split('.');
    let found: unknown = (sdk as unknown as Record<string, unknown>)[first];
    if (first === 'Features') {
      const key = (calling.Features as unknown as Record<string, unknown>)[rest.shift() ?? ''];
      if (key === undefined) throw new Error(`there is no ${target}`);
      found = (sdk.call as Call | undefined)?.feature(key as never);
    }
    for (const name of rest) found = (found as Record<string, unknown> | undefined)?.[name];
    return found;
  },
  participant(id) {
    return sdk.call.remoteParticipants.find(({ identifier }) => common.getIdentifierRawId(identifier) === id);
  },
  async frames(who, kind) {
    const people = sdk.call.remoteParticipants.filter(({ identifier }) => who === undefined || common.getIdentifierRawId(identifier) === who);
    const streams = people.flatMap(({ videoStreams }) => videoStreams).filter((stream) => stream.isAvailable && (kind === undefined || stream.mediaStreamType === kind));
    let sum = 0;
    for (const stream of streams) {
      const target = await view(stream).catch(() => undefined);
      const video = target instanceof HTMLVideoElement ? target : target?.querySelector('video');
      if (video && video.videoWidth > 0) sum += video.getVideoPlaybackQuality().totalVideoFrames;
    }
    return sum;
  },
} as Partial<Sdk> as Sdk;
