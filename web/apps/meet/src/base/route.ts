/** The pages of the app, as the address names them. */
export type Route =
  | { page: "home" }
  | { page: "meeting"; id: string }
  | { page: "join"; link: string }
  | { page: "joinById" }
  | { page: "admin" }
  | { page: "calls" }
  | { page: "call"; id: string }
  | { page: "callback" }
  | { page: "unknown"; path: string };

/** Path of the page of one meeting. Ids hold `/` and `=`, so they are escaped. */
export function meetingPath(id: string): string {
  return `/meetings/${encodeURIComponent(id)}`;
}

/** Path of the page that says how one call went. */
export function callPath(id: string): string {
  return `/admin/calls/${encodeURIComponent(id)}`;
}

/** Reads the address. `origin` completes a join link, which the calling SDK takes whole. */
export function routeOf(origin: string, path: string, search: string): Route {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, "") : path;
  if (trimmed === "/" || trimmed === "") {
    return { page: "home" };
  }
  if (trimmed === "/admin") {
    return { page: "admin" };
  }
  if (trimmed === "/admin/calls") {
    return { page: "calls" };
  }
  const call = /^\/admin\/calls\/([^/]+)$/.exec(trimmed);
  if (call?.[1] !== undefined) {
    const id = decode(call[1]);
    return id === undefined ? { page: "unknown", path } : { page: "call", id };
  }
  if (trimmed === "/auth/callback") {
    return { page: "callback" };
  }
  if (trimmed === "/join") {
    return { page: "joinById" };
  }
  if (/^\/l\/meetup-join\/./.test(path) || /^\/meet\/./.test(path)) {
    return { page: "join", link: `${origin}${path}${search}` };
  }
  const meeting = /^\/meetings\/([^/]+)$/.exec(trimmed);
  if (meeting?.[1] !== undefined) {
    const id = decode(meeting[1]);
    return id === undefined ? { page: "unknown", path } : { page: "meeting", id };
  }
  return { page: "unknown", path };
}

/** The part of a join link that this app opens itself; nothing when the link is not one. */
export function joinPathOf(joinWebUrl: string): string | undefined {
  try {
    const url = new URL(joinWebUrl);
    return routeOf(url.origin, url.pathname, url.search).page === "join" ? `${url.pathname}${url.search}` : undefined;
  } catch {
    return undefined;
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
