/** One visit, ready for the UI library: the guest's identity and token from the clinic's backend, and an adapter for the meeting behind the link. */
import { AzureCommunicationTokenCredential } from '@azure/communication-common';
import { createAzureCommunicationCallAdapter, createAzureCommunicationCallWithChatAdapter } from '@azure/communication-react';
import type { CallAdapter, CallWithChatAdapter } from '@azure/communication-react';

import { ticket } from './api';
import type { VisitKey } from './api';
import { REACTIONS } from './reactions';

/** With chat beside the call, or the call alone where this browser cannot reach the chat. */
export type Visit = { kind: 'chat'; adapter: CallWithChatAdapter } | { kind: 'call'; adapter: CallAdapter };

export async function prepare(key: VisitKey, displayName: string): Promise<Visit> {
  const { userId, token, joinUrl, endpoint } = await ticket(key);
  // The backend gives a fresh token of the same identity; a visit may last longer than one token.
  const credential = new AzureCommunicationTokenCredential({ token, tokenRefresher: async () => (await ticket(key)).token, refreshProactively: false });
  const common = { userId: { communicationUserId: userId }, displayName, credential, locator: { meetingLink: joinUrl } };
  const options = { reactionResources: REACTIONS };
  if (await reachable(endpoint)) {
    // The thread is not asked for here: the adapter learns it from the call once the guest is let in.
    const adapter = await createAzureCommunicationCallWithChatAdapter({ ...common, endpoint, callAdapterOptions: options });
    return { kind: 'chat', adapter };
  }
  return { kind: 'call', adapter: await createAzureCommunicationCallAdapter({ ...common, options }) };
}

/** How long the communication service may take to answer before the visit goes without chat. */
const ANSWER_WITHIN_MS = 4_000;

/**
 * Whether this browser can talk to the service. The chat client speaks HTTPS only, and a development server's certificate is one that the browser
 * does not know; a visit without chat is better than none.
 */
async function reachable(endpoint: string): Promise<boolean> {
  try {
    await fetch(new URL('/health/live', endpoint), { mode: 'no-cors', credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return true;
  } catch {
    return false;
  }
}
