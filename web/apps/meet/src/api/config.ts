import { ApiError, askJson, isRecord } from "./http";

/** What the page has to know of its server. */
export interface AppConfig {
  tenantId: string;
  clientId: string;
  /** Authority of the OpenID provider without the version segment. */
  authority: string;
  /** Name of the organisation. */
  organisation: string;
}

export async function loadConfig(origin: string): Promise<AppConfig> {
  const body = await askJson("/api/config");
  if (!isRecord(body) || typeof body["tenantId"] !== "string" || typeof body["meetClientId"] !== "string") {
    throw new ApiError("The server's configuration could not be read.", 200, "notConfig");
  }
  const { organisation } = body;
  return {
    tenantId: body["tenantId"],
    clientId: body["meetClientId"],
    authority: `${origin}/${body["tenantId"]}`,
    organisation: typeof organisation === "string" ? organisation : "",
  };
}
