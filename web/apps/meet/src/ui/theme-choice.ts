import { Store, type Readable } from "../base/store";

export type ThemeChoice = "system" | "light" | "dark";
export type Shade = "light" | "dark";

const key = "anteroom.theme";

/** Light or dark: as the system says until the person chooses, then as chosen, on every later visit. */
export class ThemeModel {
  private readonly chosen: Store<ThemeChoice>;
  private readonly shadeStore: Store<Shade>;

  constructor(
    private readonly storage: Storage,
    private readonly system: MediaQueryList,
  ) {
    this.chosen = new Store(read(storage));
    this.shadeStore = new Store(this.compute());
    system.addEventListener("change", () => {
      this.shadeStore.set(this.compute());
    });
  }

  get choice(): Readable<ThemeChoice> {
    return this.chosen;
  }

  get shade(): Readable<Shade> {
    return this.shadeStore;
  }

  choose(choice: ThemeChoice): void {
    this.storage.setItem(key, choice);
    this.chosen.set(choice);
    this.shadeStore.set(this.compute());
  }

  /** The other shade than the one shown now. Choosing what the system says goes back to following it. */
  toggle(): void {
    const next: Shade = this.shadeStore.get() === "dark" ? "light" : "dark";
    this.choose(next === this.systemShade() ? "system" : next);
  }

  private compute(): Shade {
    const choice = this.chosen.get();
    return choice === "system" ? this.systemShade() : choice;
  }

  private systemShade(): Shade {
    return this.system.matches ? "dark" : "light";
  }
}

function read(storage: Storage): ThemeChoice {
  const kept = storage.getItem(key);
  return kept === "light" || kept === "dark" ? kept : "system";
}
