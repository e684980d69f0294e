/**
 * Reactions as they float on the tiles: one for each person, gone after some seconds.
 * Owns: what floats now, and what of it is said to screen readers. Not here: sending (`feature-actions.ts`), drawing (`ReactionArt.tsx`).
 * Invariant: a crowd that applauds is one sentence, not a hundred. Kept by `reactions.test.ts`.
 */
import type { Reaction } from "@anteroom/calling";
import { Store, type Readable } from "../base/store";

export interface ShownReaction {
  /** Another one for each reaction, so that the same one twice moves twice. */
  key: number;
  kind: Reaction;
}

export const reactionKinds: readonly Reaction[] = ["like", "heart", "laugh", "surprised", "applause"];

export const reactionNames: Record<Reaction, string> = { like: "Like", heart: "Heart", laugh: "Laugh", surprised: "Surprised", applause: "Applause" };

/** How long a reaction floats. */
export const floatMs = 4000;
/** After a sentence about reactions the next one waits this long. */
const quietMs = 6000;

/** Runs something later; gives back how to call it off. */
export type After = (ms: number, action: () => void) => () => void;

export class Reactions {
  private readonly store = new Store<ReadonlyMap<string, ShownReaction>>(new Map());
  private readonly pending = new Set<() => void>();
  private keys = 0;
  private quiet = false;
  private unsaid = 0;

  constructor(
    private readonly after: After,
    private readonly say: (sentence: string) => void,
  ) {}

  /** By raw id. */
  get shown(): Readable<ReadonlyMap<string, ShownReaction>> {
    return this.store;
  }

  /** Somebody reacted; the own person has no name here, and nothing is said of them. */
  take(id: string, kind: Reaction, name: string | undefined): void {
    this.keys += 1;
    const key = this.keys;
    this.store.set(new Map(this.store.get()).set(id, { key, kind }));
    this.later(floatMs, () => {
      if (this.store.get().get(id)?.key === key) {
        const rest = new Map(this.store.get());
        rest.delete(id);
        this.store.set(rest);
      }
    });
    if (name !== undefined) {
      this.tell(`${name} reacted: ${reactionNames[kind]}.`);
    }
  }

  end(): void {
    for (const cancel of [...this.pending]) {
      cancel();
    }
    this.pending.clear();
    this.store.set(new Map());
  }

  private tell(sentence: string): void {
    if (this.quiet) {
      this.unsaid += 1;
      return;
    }
    this.quiet = true;
    this.say(sentence);
    this.later(quietMs, () => {
      this.quiet = false;
      const count = this.unsaid;
      this.unsaid = 0;
      if (count > 0) {
        this.tell(count === 1 ? "One more reaction." : `${String(count)} more reactions.`);
      }
    });
  }

  private later(ms: number, action: () => void): void {
    const cancel = this.after(ms, () => {
      this.pending.delete(cancel);
      action();
    });
    this.pending.add(cancel);
  }
}
