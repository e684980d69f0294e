import { createContext, use } from "react";
import type { CallsApi } from "./api/calls";
import type { AppConfig } from "./api/config";
import type { SettingsApi } from "./api/settings";
import type { JoinServices } from "./join/join-model";
import type { MeetingsModel } from "./meetings/meetings-model";
import type { Session } from "./session/session";
import type { ThemeModel } from "./ui/theme-choice";

/** What the pages share; made once in `main.tsx`. */
export interface AppServices {
  origin: string;
  config: AppConfig;
  session: Session;
  theme: ThemeModel;
  meetings: MeetingsModel;
  settings: SettingsApi;
  calls: CallsApi;
  /** Loads the calling SDK. */
  joining: () => Promise<JoinServices>;
}

export const AppContext = createContext<AppServices | null>(null);

export function useApp(): AppServices {
  const services = use(AppContext);
  if (services === null) {
    throw new Error("useApp needs an AppContext around it");
  }
  return services;
}
