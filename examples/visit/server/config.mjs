/** The configuration, from the environment. `READY_FILE` of a development server stands for all of the connection settings. */
import { readFile } from 'node:fs/promises';

/**
 * @param {NodeJS.ProcessEnv} env
 */
export async function readConfig(env) {
  const ready = env.READY_FILE === undefined ? {} : JSON.parse(await readFile(env.READY_FILE, 'utf8'));
  const setting = (name, fromReadyFile) => {
    const value = env[name] ?? fromReadyFile;
    if (value === undefined || value === '') {
      throw new Error(`${name} is not set; set it, or READY_FILE to the ready file of a development server`);
    }
    return value;
  };
  const connectionString = setting('COMMUNICATION_CONNECTION_STRING', ready.connectionString);
  return {
    host: env.HOST ?? '127.0.0.1',
    port: Number(env.PORT ?? 8090),
    /** Where the Graph-shaped API is, without the version. */
    graphBaseUrl: setting('GRAPH_BASE_URL', ready.graphBaseUrl).replace(/\/(v1\.0\/?)?$/, ''),
    /** The sign-in authority of the organisation, with its tenant. */
    authority: setting('AUTHORITY', ready.authority),
    clientId: setting('CLIENT_ID', ready.application?.clientId),
    clientSecret: setting('CLIENT_SECRET', ready.application?.clientSecret),
    /** `endpoint=…;accesskey=…` of the organisation's communication resource. */
    connectionString,
    /** Where guests' browsers reach the same resource, for the chat beside the call. HTTPS: the chat client takes nothing else. */
    communicationEndpoint: env.COMMUNICATION_ENDPOINT ?? endpointOf(connectionString),
    /** Object id of the member for whom a demo meeting is scheduled at start; without it nothing is scheduled. */
    demoOrganizer: env.VISIT_ORGANIZER,
    /** File into which the demo's links are written once they exist. */
    readyFile: env.VISIT_READY_FILE,
  };
}

/**
 * The address in a connection string.
 * @param {string} connectionString
 */
export function endpointOf(connectionString) {
  const endpoint = /(?:^|;)endpoint=([^;]+)/i.exec(connectionString)?.[1];
  if (endpoint === undefined || !URL.canParse(endpoint)) throw new Error('COMMUNICATION_CONNECTION_STRING names no endpoint; it has the form endpoint=https://…;accesskey=…');
  return new URL(endpoint).origin;
}
