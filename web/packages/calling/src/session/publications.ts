// What the server is told about the own media, kept equal to what the person wants.
//
// Invariants: while the person waits nothing is told; at each snapshot everything that differs is told; a refusal reaches whoever
// asked, and otherwise `onRefused`.
import type { CallingError } from '../core/errors';
import type { MediaKind, PublicationState, RequestBody } from '../wire';

interface Wished {
  readonly active: boolean;
  readonly width: number;
  readonly height: number;
}

/** The own publications. */
export class Publications {
  private readonly wished = new Map<MediaKind, Wished>();
  private readonly told = new Map<MediaKind, Wished>();
  private online = false;

  constructor(
    private readonly request: (body: RequestBody) => Promise<unknown>,
    private readonly onRefused: (kind: MediaKind, error: CallingError) => void,
  ) {}

  /** A snapshot came: `known` is what the server believes. */
  enter(known: readonly PublicationState[], muted: boolean): void {
    this.online = true;
    this.told.clear();
    for (const { kind, active, width, height } of known) this.told.set(kind, { active, width, height });
    this.told.set('microphone', { active: !muted, width: 0, height: 0 });
    for (const [kind, wish] of this.wished) {
      if (this.isTold(kind, wish)) continue;
      void this.tell(kind, wish).catch((error: unknown) => {
        if (isRefusal(error)) this.onRefused(kind, error);
      });
    }
  }

  /** Nothing can be told for now. */
  leave(): void {
    this.online = false;
  }

  /** Wishes something, and tells it when possible. Fails only when the server refuses. */
  async set(kind: MediaKind, active: boolean, width = 0, height = 0): Promise<void> {
    const wish: Wished = { active, width, height };
    this.wished.set(kind, wish);
    if (!this.online || this.isTold(kind, wish)) return;
    try {
      await this.tell(kind, wish);
    } catch (error) {
      // Lost or late: the next snapshot tells again.
      if (isRefusal(error)) throw error;
    }
  }

  /** The server changed it by itself. */
  accept(kind: MediaKind, active: boolean): void {
    const state: Wished = { active, width: 0, height: 0 };
    this.wished.set(kind, state);
    this.told.set(kind, state);
  }

  private isTold(kind: MediaKind, wish: Wished): boolean {
    const told = this.told.get(kind);
    if (!told) return !wish.active;
    if (told.active !== wish.active) return false;
    return !wish.active || (told.width === wish.width && told.height === wish.height);
  }

  private async tell(kind: MediaKind, wish: Wished): Promise<void> {
    this.told.set(kind, wish);
    try {
      await this.request({ type: 'setPublication', kind, active: wish.active, width: wish.width, height: wish.height });
    } catch (error) {
      if (this.told.get(kind) === wish) this.told.delete(kind);
      if (isRefusal(error) && this.wished.get(kind) === wish) this.wished.set(kind, { ...wish, active: false });
      throw error;
    }
  }
}

const LOST: ReadonlySet<string> = new Set(['connectionLost', 'requestTimeout', 'agentDisposed']);

function isRefusal(error: unknown): error is CallingError {
  return error instanceof Error && 'reason' in error && !LOST.has(String(error.reason));
}
