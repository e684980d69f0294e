/** Wiring: reads the server's configuration, makes the services, shows the app. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { ServerCalls } from "./api/calls";
import { loadConfig } from "./api/config";
import { sentenceOf } from "./api/http";
import { GraphMeetings } from "./api/meetings";
import { ServerSettings } from "./api/settings";
import { AppContext, type AppServices } from "./app-context";
import { Router, RouterContext } from "./base/router";
import type { JoinServices } from "./join/join-model";
import { MeetingsModel } from "./meetings/meetings-model";
import { exclusiveBy } from "./session/exclusive";
import { OidcProvider } from "./session/oidc-provider";
import { Session } from "./session/session";
import "./page.css";
import { ThemeModel } from "./ui/theme-choice";

async function services(): Promise<AppServices> {
  const { origin } = window.location;
  const config = await loadConfig(origin);
  const session = new Session(new OidcProvider(config, origin, window), exclusiveBy(lockManager(), "anteroom.session"), () => Date.now());
  await session.restore();
  let joining: Promise<JoinServices> | undefined;
  return {
    origin,
    config,
    session,
    theme: new ThemeModel(window.localStorage, window.matchMedia("(prefers-color-scheme: dark)")),
    meetings: new MeetingsModel(new GraphMeetings(session.token)),
    settings: new ServerSettings(session.token),
    calls: new ServerCalls(session.token),
    joining: () => (joining ??= import("./join/entrance").then(({ SdkEntrances }) => new SdkEntrances(session, window.sessionStorage))),
  };
}

/** Absent where the page is not in a secure context. */
function lockManager(): LockManager | undefined {
  return "locks" in navigator ? navigator.locks : undefined;
}

async function start(): Promise<void> {
  const place = document.getElementById("root");
  if (place === null) {
    return;
  }
  try {
    const made = await services();
    createRoot(place).render(
      <StrictMode>
        <AppContext value={made}>
          <RouterContext value={new Router(window)}>
            <App />
          </RouterContext>
        </AppContext>
      </StrictMode>,
    );
  } catch (error) {
    place.textContent = sentenceOf(error);
    place.className = "start-failed";
  }
}

// A page taken from the back-forward cache holds a call that has ended; it begins anew.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    window.location.reload();
  }
});

void start();
