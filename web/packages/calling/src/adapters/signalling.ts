// The signalling socket: hello and welcome, requests that always settle, heartbeat, reconnection with backoff.
//
// Owns: the socket, open requests, the timers. Not here: what calls do with events (session/call-session.ts), tickets
// (session/agent-session.ts gives them through `hello`). Invariants: every request settles once, by answer, by refusal, by the loss
// of the socket it was sent on, or by time; a refused token is tried anew once; other refusals of the client (4xx) are final.
// Tests: test/signalling.test.ts.
import { backoffMs } from '../core/backoff';
import { Emitter } from '../core/emitter';
import type { CallingError } from '../core/errors';
import { errorFromRefusal, failure } from '../core/errors';
import type { KnownOrUnknownEvent } from '../core/mirror';
import type { ClientFrame, Hello, IncomingCall, Outcome, Refusal, Reply, RequestBody, Welcome } from '../wire';
import { decodeServerFrame } from '../wire/decode';
import type { ReadFrame } from '../wire/decode';
import type { Platform, Socket } from './platform';

const REQUEST_MS = 10_000;
const WELCOME_MS = 10_000;
/** Asked whether it still lives after the page slept, a socket has so long to say so. */
const ALIVE_MS = 3_000;

/** Where to connect, and with what. */
export interface Endpoint {
  readonly url: string;
  readonly hello: Hello;
}

interface SignallingEvents {
  /** The socket is up, for the first time or again. */
  welcome: (welcome: Welcome) => void;
  /** Something happened in a call. */
  event: (call: string, revision: number, event: KnownOrUnknownEvent) => void;
  /** A call rings here. */
  incoming: (incoming: IncomingCall) => void;
  /** A call rings here no more. */
  incomingEnded: (id: string, reason: Refusal) => void;
  /** An event of a call could not be read; `type` is its type when that was readable. */
  unreadable: (call: string, type: string | undefined) => void;
  /** The socket is lost; another one is being tried. `cause` is what the server said, if anything. */
  down: (cause: CallingError | undefined) => void;
  /** The server does not want this client; nothing more is tried. */
  refused: (error: CallingError) => void;
}

interface OpenRequest {
  readonly frame: ClientFrame;
  sent: boolean;
  readonly onReply: ((reply: Reply) => void) | undefined;
  readonly onLate: ((reply: Reply) => void) | undefined;
  readonly settle: (result: Reply | CallingError) => void;
}

/** One connection to the server, kept up. */
export class Signalling extends Emitter<SignallingEvents> {
  private socket: Socket | undefined;
  private ready = false;
  private wanted = false;
  private attempt = 0;
  private tokenRefused = false;
  private lastId = 0;
  private heartbeatMs = 15_000;
  private generation = 0;
  private finalError: CallingError | undefined;
  private cancelTimer: () => void = () => undefined;
  private cancelHeartbeat: () => void = () => undefined;
  private endNetwork: () => void = () => undefined;
  private endResumed: () => void = () => undefined;
  private opened: boolean | undefined;
  private readonly requests = new Map<number, OpenRequest>();
  /** Requests given up by time whose answer still matters, while their socket lives. */
  private readonly late = new Map<number, (reply: Reply) => void>();

  constructor(
    private readonly platform: Platform,
    private readonly endpoint: (renewToken: boolean) => Promise<Endpoint>,
  ) {
    super();
  }

  /** Whether the server answers just now. */
  get isReady(): boolean {
    return this.ready;
  }

  /** Whether a socket was ever open; nothing as long as none was tried to the end. */
  get everOpened(): boolean | undefined {
    return this.opened;
  }

  /** Begins to connect and keeps connected until `stop`. */
  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.endNetwork = this.platform.onNetwork((online) => {
      if (!online) return;
      this.retryNow();
      this.probe();
    });
    // A page that was frozen or a machine that slept learns at once, and not after three beats, that its socket is gone.
    this.endResumed = this.platform.onResumed(() => {
      this.retryNow();
      this.probe();
    });
    this.connect();
  }

  /** Ends the connection; open requests fail. */
  stop(): void {
    this.finish(failure('agentDisposed'));
  }

  /**
   * Asks the server. While there is no connection the request waits for one, but no longer than its time. `onReply` hears an answer in
   * the order of frames; `onLate` hears one that comes after the request was given up.
   */
  request(body: RequestBody, call: string | null, onReply?: (reply: Reply) => void, onLate?: (reply: Reply) => void): Promise<Reply> {
    if (this.finalError) return Promise.reject(this.finalError);
    this.lastId = (this.lastId % 0xffff_fffe) + 1;
    const id = this.lastId;
    return new Promise<Reply>((resolve, reject) => {
      const cancel = this.platform.after(REQUEST_MS, () => {
        const given = this.requests.get(id);
        if (given?.sent && given.onLate) this.late.set(id, given.onLate);
        given?.settle(failure('requestTimeout'));
      });
      const open: OpenRequest = {
        frame: { type: 'request', id, request: { call, body } },
        sent: false,
        onReply,
        onLate,
        settle: (result) => {
          cancel();
          this.requests.delete(id);
          if (result instanceof Error) reject(result);
          else resolve(result);
        },
      };
      this.requests.set(id, open);
      if (this.ready) this.sendRequest(open);
    });
  }

  private sendRequest(open: OpenRequest): void {
    open.sent = true;
    this.sendFrame(open.frame);
  }

  private sendFrame(frame: ClientFrame): void {
    this.socket?.send(JSON.stringify(frame));
  }

  private connect(): void {
    this.generation += 1;
    const generation = this.generation;
    const current = (): boolean => generation === this.generation && this.wanted;
    void this.endpoint(this.tokenRefused).then(
      (endpoint) => {
        if (!current()) return;
        try {
          this.open(endpoint, current);
        } catch {
          this.lost();
        }
      },
      (error: unknown) => {
        if (!current()) return;
        const known = error instanceof Error && 'subCode' in error ? (error as CallingError) : failure('tokenProviderFailed', error);
        // Before the first welcome the application waits for an answer; later the token may come back.
        if (this.attempt === 0 && !this.everReady) this.refuse(known);
        else this.lost();
      },
    );
  }

  private everReady = false;

  private open(endpoint: Endpoint, current: () => boolean): void {
    this.cancelTimer = this.platform.after(WELCOME_MS, () => {
      if (current()) this.lost();
    });
    this.socket = this.platform.openSocket(endpoint.url, {
      opened: () => {
        this.opened = true;
        if (current()) this.sendFrame({ type: 'hello', ...endpoint.hello });
      },
      received: (text) => {
        if (current()) this.receive(decodeServerFrame(text));
      },
      closed: () => {
        this.opened ??= false;
        if (current()) this.lost();
      },
    });
  }

  private receive(frame: ReadFrame): void {
    this.beat();
    switch (frame.type) {
      case 'welcome':
        this.welcome(frame);
        return;
      case 'response': {
        const open = this.requests.get(frame.id);
        if (!open) {
          this.answeredLate(frame.id, frame.outcome);
          return;
        }
        if (frame.outcome.type === 'refused') {
          open.settle(errorFromRefusal(frame.outcome.refusal));
          return;
        }
        open.onReply?.(frame.outcome.reply);
        open.settle(frame.outcome.reply);
        return;
      }
      case 'event':
        this.emit('event', frame.call, frame.revision, frame.event);
        return;
      case 'incoming':
        this.emit('incoming', frame.incoming);
        return;
      case 'incomingEnded':
        this.emit('incomingEnded', frame.id, frame.reason);
        return;
      case 'closing':
        this.closing(frame.refusal);
        return;
      case 'malformed':
        if (frame.request !== undefined) this.requests.get(frame.request)?.settle(failure('protocol', frame.detail));
        else if (frame.call !== undefined) this.emit('unreadable', frame.call, frame.event);
        return;
      case 'pong':
      case 'unknown':
        return;
    }
  }

  private answeredLate(id: number, outcome: Outcome): void {
    const heard = this.late.get(id);
    this.late.delete(id);
    if (outcome.type === 'ok') heard?.(outcome.reply);
  }

  private welcome(welcome: Welcome): void {
    this.cancelTimer();
    this.ready = true;
    this.everReady = true;
    this.attempt = 0;
    this.tokenRefused = false;
    this.heartbeatMs = Math.max(1_000, welcome.heartbeatMs);
    this.beat();
    this.emit('welcome', welcome);
    for (const open of [...this.requests.values()]) if (!open.sent) this.sendRequest(open);
  }

  private closing(refusal: Refusal): void {
    if (refusal.code === 401 && !this.tokenRefused) {
      this.tokenRefused = true;
      this.lost(errorFromRefusal(refusal));
    } else if (refusal.code >= 400 && refusal.code < 500 && refusal.code !== 408 && refusal.code !== 429) {
      this.refuse(errorFromRefusal(refusal));
    } else {
      this.lost(errorFromRefusal(refusal));
    }
  }

  private refuse(error: CallingError): void {
    this.finish(error);
    this.emit('refused', error);
  }

  private finish(error: CallingError): void {
    if (this.finalError) return;
    this.finalError = error;
    this.wanted = false;
    this.dropSocket();
    this.endNetwork();
    this.endResumed();
    for (const open of [...this.requests.values()]) open.settle(error);
  }

  private lost(cause?: CallingError): void {
    const wasReady = this.ready;
    this.dropSocket();
    for (const open of [...this.requests.values()]) if (open.sent) open.settle(failure('connectionLost'));
    if (!this.wanted) return;
    this.cancelTimer = this.platform.after(backoffMs(this.attempt, this.platform.chance()), () => {
      this.connect();
    });
    this.attempt += 1;
    if (wasReady) this.emit('down', cause);
  }

  private retryNow(): void {
    if (this.ready || !this.wanted || this.socket) return;
    this.cancelTimer();
    this.attempt = 0;
    this.connect();
  }

  private dropSocket(): void {
    this.generation += 1;
    this.late.clear();
    this.ready = false;
    this.cancelTimer();
    this.cancelHeartbeat();
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
  }

  private probe(): void {
    if (!this.ready || !this.socket) return;
    this.cancelHeartbeat();
    this.sendFrame({ type: 'ping' });
    this.cancelHeartbeat = this.platform.after(ALIVE_MS, () => { this.lost(); });
  }

  /** Every frame is a sign of life; silence is asked, and silence after the question is loss. */
  private beat(): void {
    this.cancelHeartbeat();
    if (!this.socket) return;
    this.cancelHeartbeat = this.platform.after(this.heartbeatMs, () => {
      this.sendFrame({ type: 'ping' });
      this.cancelHeartbeat = this.platform.after(this.heartbeatMs * 2, () => {
        this.lost();
      });
    });
  }
}
