import { ApiError, sentenceOf } from "../api/http";
import type { AdminSettings, SettingsApi } from "../api/settings";
import { Store, type Readable } from "../base/store";
import { SignedOutError } from "../session/session";

export type AdminState =
  | { kind: "loading" }
  | { kind: "refused" }
  | { kind: "failed"; sentence: string }
  | { kind: "ready"; settings: AdminSettings; saving: string | undefined; problem: string };

/** The settings of the organisation; each change is saved at once, and undone on the page when the server refuses it. */
export class AdminModel {
  private readonly store = new Store<AdminState>({ kind: "loading" });
  private queue: Promise<void> = Promise.resolve();

  constructor(private readonly api: SettingsApi) {}

  get state(): Readable<AdminState> {
    return this.store;
  }

  async load(): Promise<void> {
    try {
      this.store.set({ kind: "ready", settings: await this.api.load(), saving: undefined, problem: "" });
    } catch (error) {
      this.store.set(stateOf(error));
    }
  }

  /** Sets one setting. Changes go to the server one after the other. */
  change(group: keyof AdminSettings, name: string, value: unknown): Promise<void> {
    const state = this.store.get();
    if (state.kind !== "ready") {
      return Promise.resolve();
    }
    const before = state.settings[group][name];
    this.show(group, name, value, name, "");
    this.queue = this.queue.then(async () => {
      try {
        const settings = await this.api.save({ [group]: { [name]: value } });
        this.store.set({ kind: "ready", settings, saving: undefined, problem: "" });
      } catch (error) {
        this.show(group, name, before, undefined, sentenceOf(error));
      }
    });
    return this.queue;
  }

  private show(group: keyof AdminSettings, name: string, value: unknown, saving: string | undefined, problem: string): void {
    const state = this.store.get();
    if (state.kind === "ready") {
      const settings = { ...state.settings, [group]: { ...state.settings[group], [name]: value } };
      this.store.set({ kind: "ready", settings, saving, problem });
    }
  }
}

function stateOf(error: unknown): AdminState {
  const refused = error instanceof SignedOutError || (error instanceof ApiError && (error.status === 403 || error.status === 401));
  return refused ? { kind: "refused" } : { kind: "failed", sentence: sentenceOf(error) };
}
