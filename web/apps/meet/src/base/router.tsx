import { createContext, use, type AnchorHTMLAttributes, type MouseEvent } from "react";
import { Store } from "./store";
import { useStore } from "./use-store";

/** Where the app is: path and query of the address bar, and what the last step handed over without showing it there. */
export interface Place {
  path: string;
  search: string;
  state: unknown;
}

/** Client-side routing over the History interface. One instance a page; tests make their own. */
export class Router {
  readonly place: Store<Place>;

  constructor(private readonly host: Window) {
    this.place = new Store(this.read());
    host.addEventListener("popstate", () => {
      this.place.set(this.read());
    });
  }

  go(target: string, options: { replace?: boolean; state?: unknown } = {}): void {
    const state = options.state ?? null;
    if (options.replace === true) {
      this.host.history.replaceState(state, "", target);
    } else {
      this.host.history.pushState(state, "", target);
    }
    this.host.scrollTo(0, 0);
    this.place.set(this.read());
  }

  private read(): Place {
    const { location, history } = this.host;
    return { path: location.pathname, search: location.search, state: history.state as unknown };
  }
}

export const RouterContext = createContext<Router | null>(null);

/** The router of the page. */
export function useRouter(): Router {
  const router = use(RouterContext);
  if (router === null) {
    throw new Error("useRouter needs a RouterContext around it");
  }
  return router;
}

/** The current place, kept current. */
export function usePlace(): Place {
  return useStore(useRouter().place);
}

/** Props that make an element a link of the app: a real `href`, and no page load on a plain click. */
export function useLink(target: string): Pick<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> & {
  onClick: (event: MouseEvent<HTMLElement>) => void;
} {
  const router = useRouter();
  return {
    href: target,
    onClick: (event) => {
      if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
        return;
      }
      event.preventDefault();
      router.go(target);
    },
  };
}
