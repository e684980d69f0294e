import { ApiError, askJson, isRecord } from "./http";

/** A group of settings by name, as the server holds it. */
export type Settings = Readonly<Record<string, unknown>>;

export interface AdminSettings {
  tenant: Settings;
  policy: Settings;
}

export interface SettingsApi {
  load(): Promise<AdminSettings>;
  /** Sends only what changed; answers with everything as it is now. */
  save(changes: Partial<AdminSettings>): Promise<AdminSettings>;
}

const path = "/api/admin/settings";

export class ServerSettings implements SettingsApi {
  constructor(private readonly token: () => Promise<string>) {}

  async load(): Promise<AdminSettings> {
    return settingsOf(await askJson(path, { token: await this.token() }));
  }

  async save(changes: Partial<AdminSettings>): Promise<AdminSettings> {
    const body = await askJson(path, { method: "PATCH", body: changes, token: await this.token() });
    return body === undefined ? this.load() : settingsOf(body);
  }
}

function settingsOf(body: unknown): AdminSettings {
  if (!isRecord(body) || !isRecord(body["tenant"]) || !isRecord(body["policy"])) {
    throw new ApiError("The server's answer holds no settings.", 200, "notSettings");
  }
  return { tenant: body["tenant"], policy: body["policy"] };
}
