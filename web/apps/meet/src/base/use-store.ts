import { useEffect, useSyncExternalStore } from "react";
import type { Readable } from "./store";

/** The value of a store, kept current. */
export function useStore<T>(store: Readable<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

/** Sets the title of the page while the component is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "" ? "Anteroom" : `${title} · Anteroom`;
  }, [title]);
}
