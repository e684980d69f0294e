// One agent's connection: the endpoint from the token, which session hears what, tickets for the next hello.
//
// Owns: the signalling connection and the routing of events to calls. Not here: the objects that applications hold (public/agent.ts).
// Tests: test/signalling.test.ts, test/resume.test.ts.
import type { CommunicationTokenCredential } from '@azure/communication-common';

import type { Platform } from '../adapters/platform';
import type { Endpoint } from '../adapters/signalling';
import { Signalling } from '../adapters/signalling';
import { within } from '../core/deadline';
import { Emitter } from '../core/emitter';
import type { CallingError } from '../core/errors';
import { failure } from '../core/errors';
import { readToken } from '../core/token';
import type { ConnectionLossReason, ConnectionState } from '../public/types/common';
import type { IceServer, Welcome } from '../wire';
import { PROTOCOL_VERSION } from '../wire';
import type { CallSession, SessionAgent } from './call-session';
import { IncomingCalls } from './incoming-calls';
import { TokenRenewal } from './token-renewal';

const CONNECT_MS = 20_000;
/** The application asks its own server, which may be slow; what is slower than this does not answer. */
const TOKEN_MS = 15_000;

/** What the application said about itself and the server. */
export interface AgentSettings {
  readonly signalUrl: string | undefined;
  readonly appName: string | undefined;
  readonly version: string;
  readonly iceServers: readonly IceServer[];
}

interface AgentSessionEvents {
  connection: (now: ConnectionState, before: ConnectionState, reason: ConnectionLossReason | undefined) => void;
}

/** One agent's connection. */
export class AgentSession extends Emitter<AgentSessionEvents> implements SessionAgent {
  readonly signalling: Signalling;
  readonly incoming: IncomingCalls;
  private readonly sessions = new Set<CallSession>();
  private readonly routes = new Map<string, CallSession>();
  private latest: Welcome | undefined;
  private state: ConnectionState = 'Disconnected';
  private readonly renewal: TokenRenewal;
  private offeredToken = '';
  private abandon: ((error: CallingError) => void) | undefined;

  constructor(
    readonly platform: Platform,
    private readonly credential: CommunicationTokenCredential,
    private readonly settings: AgentSettings,
  ) {
    super();
    this.signalling = new Signalling(platform, () => this.endpoint());
    this.incoming = new IncomingCalls(platform);
    this.signalling.on('incoming', (incoming) => { this.incoming.ring(incoming); });
    this.signalling.on('incomingEnded', (id, reason) => { this.incoming.ended(id, reason); });
    this.signalling.on('welcome', (welcome) => { this.welcome(welcome); });
    this.signalling.on('down', (cause) => { this.down(cause); });
    this.signalling.on('refused', (error) => { this.refused(error); });
    this.signalling.on('event', (call, revision, event) => { this.routes.get(call)?.receive(revision, event); });
    this.renewal = new TokenRenewal({
      after: (ms, action) => platform.after(ms, action),
      now: () => platform.now(),
      token: () => this.token(),
      bring: async (token) => { await this.signalling.request({ type: 'refreshToken', token }, null); },
    });
    this.signalling.on('unreadable', (call, type) => { this.routes.get(call)?.unreadable(type); });
  }

  get connectionState(): ConnectionState {
    return this.state;
  }

  /** Raw id of the connected person. */
  get ownId(): string {
    return this.latest?.id ?? '';
  }

  /** Connects; fails when the server does not answer or does not want this client. */
  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        cancel();
        this.abandon = undefined;
        this.signalling.off('welcome', welcome);
        this.signalling.off('refused', refused);
      };
      const welcome = (): void => {
        end();
        resolve();
      };
      const refused = (error: CallingError): void => {
        end();
        reject(error);
      };
      const cancel = this.platform.after(CONNECT_MS, () => {
        end();
        const reached = this.signalling.everOpened;
        this.signalling.stop();
        reject(failure(this.offeredToken === '' ? 'tokenProviderTimeout' : reached === false ? 'serverUnreachable' : 'agentConnectTimeout'));
      });
      this.abandon = (error) => {
        end();
        this.signalling.stop();
        reject(error);
      };
      this.signalling.on('welcome', welcome);
      this.signalling.on('refused', refused);
      this.signalling.start();
    });
  }

  /** Ends the connection. */
  close(): void {
    this.renewal.stop();
    this.abandon?.(failure('clientDisposed'));
    this.incoming.close();
    this.signalling.stop();
    this.setState('Disconnected', undefined);
  }

  iceServers(): readonly IceServer[] {
    return [...(this.latest?.iceServers ?? []), ...this.settings.iceServers];
  }

  /** A call lives on this connection until `forget`. */
  keep(session: CallSession): void {
    this.sessions.add(session);
  }

  forget(session: CallSession): void {
    this.sessions.delete(session);
  }

  route(call: string, session: CallSession): void {
    this.routes.set(call, session);
  }

  unroute(call: string): void {
    this.routes.delete(call);
  }

  private async token(): Promise<string> {
    const after = (ms: number, action: () => void): (() => void) => this.platform.after(ms, action);
    const given = await within(after, TOKEN_MS, this.credential.getToken(), () => failure('tokenProviderTimeout'));
    return given.token;
  }

  private async endpoint(): Promise<Endpoint> {
    const token = await this.token();
    this.offeredToken = token;
    const claims = readToken(token);
    const url = this.settings.signalUrl ?? claims?.signalUrl;
    if (url === undefined) throw failure(claims ? 'noServer' : 'invalidToken');
    return {
      url,
      hello: {
        protocol: PROTOCOL_VERSION,
        token,
        client: { name: this.settings.appName ?? 'anteroom-calling-web', version: this.settings.version },
        resume: [...this.sessions].flatMap((session) => session.resumable()),
      },
    };
  }

  private welcome(welcome: Welcome): void {
    this.latest = welcome;
    this.renewal.begin(this.offeredToken);
    this.setState('Connected', undefined);
    this.incoming.up();
    for (const session of [...this.sessions]) {
      const name = session.wireName;
      const resumed = welcome.resumed.find(({ call }) => call === name);
      const lost = welcome.lost.find(({ call }) => call === name);
      session.connectionUp(resumed?.resumeTicket, lost?.refusal);
    }
  }

  private down(cause: CallingError | undefined): void {
    this.renewal.stop();
    this.setState('Disconnected', lossReason(cause));
    this.incoming.down();
    for (const session of [...this.sessions]) session.connectionDown();
  }

  private refused(error: CallingError): void {
    this.renewal.stop();
    this.setState('Disconnected', lossReason(error));
    this.incoming.close();
    for (const session of [...this.sessions]) session.refused(error);
  }

  private setState(state: ConnectionState, reason: ConnectionLossReason | undefined): void {
    const before = this.state;
    if (before === state) return;
    this.state = state;
    this.emit('connection', state, before, reason);
  }
}

function lossReason(cause: CallingError | undefined): ConnectionLossReason {
  if (cause?.reason === 'tokenExpired') return 'tokenExpired';
  return cause?.code === 401 ? 'invalidToken' : 'connectionIssue';
}
