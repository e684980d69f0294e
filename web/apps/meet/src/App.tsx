import { FluentProvider } from "@fluentui/react-components";
import { DoorRegular } from "@fluentui/react-icons";
import { lazy, Suspense, useEffect, useMemo, useRef } from "react";
import { useApp } from "./app-context";
import { useLink, usePlace } from "./base/router";
import { routeOf } from "./base/route";
import { useStore } from "./base/use-store";
import { LandingPage } from "./home/LandingPage";
import { MeetingPage } from "./meetings/MeetingPage";
import { MeetingsPage } from "./meetings/MeetingsPage";
import { CallbackPage } from "./session/CallbackPage";
import { Announcer } from "./ui/announcer";
import { Shell } from "./ui/Shell";
import { Loading, Notice } from "./ui/States";
import { darkTheme, lightTheme } from "./ui/theme";

const JoinPage = lazy(async () => ({ default: (await import("./join/JoinPage")).JoinPage }));
const JoinByIdPage = lazy(async () => ({ default: (await import("./join/JoinByIdPage")).JoinByIdPage }));
const AdminPage = lazy(async () => ({ default: (await import("./admin/AdminPage")).AdminPage }));
const CallsPage = lazy(async () => ({ default: (await import("./admin/CallsPage")).CallsPage }));
const CallPage = lazy(async () => ({ default: (await import("./admin/CallPage")).CallPage }));

/** The app: theme, live region, and the page that the address names. */
export function App() {
  const { theme } = useApp();
  const shade = useStore(theme.shade);
  useEffect(() => {
    document.documentElement.dataset["theme"] = shade;
    document.documentElement.style.colorScheme = shade;
  }, [shade]);
  return (
    <FluentProvider theme={shade === "dark" ? darkTheme : lightTheme}>
      <Announcer>
        <Suspense fallback={<Loading label="Loading" />}>
          <Page />
        </Suspense>
      </Announcer>
    </FluentProvider>
  );
}

function Page() {
  const { origin, session } = useApp();
  const place = usePlace();
  const who = useStore(session.state);
  useFocusOnArrival(place.path);
  const route = routeOf(origin, place.path, place.search);
  const link = route.page === "join" ? route.link : undefined;
  const locator = useMemo(() => (link === undefined ? undefined : { meetingLink: link }), [link]);
  if (locator !== undefined) {
    return <JoinPage key={locator.meetingLink} locator={locator} />;
  }
  switch (route.page) {
    case "joinById":
      return <JoinByIdPage />;
    case "admin":
      return (
        <Shell>
          <AdminPage />
        </Shell>
      );
    case "calls":
      return (
        <Shell>
          <CallsPage />
        </Shell>
      );
    case "call":
      return (
        <Shell>
          <CallPage key={route.id} id={route.id} />
        </Shell>
      );
    case "callback":
      return (
        <Shell>
          <CallbackPage />
        </Shell>
      );
    case "home":
      return <Shell>{who.kind === "signedIn" ? <MeetingsPage /> : <LandingPage />}</Shell>;
    case "meeting":
      return <Shell>{who.kind === "signedIn" ? <MeetingPage key={route.id} id={route.id} /> : <LandingPage />}</Shell>;
    case "join":
    case "unknown":
      return (
        <Shell>
          <NotFound />
        </Shell>
      );
  }
}

/** After a step within the app the keyboard goes on from the new page's content, and a screen reader begins there. */
function useFocusOnArrival(path: string): void {
  const last = useRef(path);
  useEffect(() => {
    if (last.current !== path) {
      last.current = path;
      document.getElementById("content")?.focus();
    }
  }, [path]);
}

function NotFound() {
  const home = useLink("/");
  return (
    <Notice icon={<DoorRegular />} title="There is no door here" actions={<a {...home}>Back to the start</a>}>
      The address is not one of this site. If somebody sent it to you, check that it is complete.
    </Notice>
  );
}
