/**
 * The last captions, as a strip shows them.
 * Owns: the lines, and their end when nobody has spoken for a while. Not here: turning captions on (`feature-actions.ts`).
 * Invariants: at most three lines; what is partial is replaced by the next of the same speaker. Kept by `caption-lines.test.ts`.
 */
import { Store, type Readable } from "../base/store";
import type { After } from "./reactions";

export interface CaptionLine {
  key: number;
  /** Raw id of the speaker. */
  id: string;
  name: string;
  text: string;
  final: boolean;
}

const most = 3;
/** Lines go when nobody has spoken for so long. */
const staleMs = 12_000;

export class CaptionLines {
  private readonly store = new Store<readonly CaptionLine[]>([]);
  private keys = 0;
  private cancel: () => void = () => undefined;

  constructor(private readonly after: After) {}

  get lines(): Readable<readonly CaptionLine[]> {
    return this.store;
  }

  take(caption: Omit<CaptionLine, "key">): void {
    const lines = this.store.get();
    const open = lines.find((line) => !line.final && line.id === caption.id);
    this.keys += 1;
    this.store.set(
      open === undefined
        ? [...lines, { ...caption, key: this.keys }].slice(-most)
        : lines.map((line) => (line === open ? { ...caption, key: open.key } : line)),
    );
    this.cancel();
    this.cancel = this.after(staleMs, () => {
      this.clear();
    });
  }

  clear(): void {
    this.cancel();
    if (this.store.get().length > 0) {
      this.store.set([]);
    }
  }
}
