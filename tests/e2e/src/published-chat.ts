/** The published chat client of somebody who is in a meeting's thread. */
import { readFileSync } from 'node:fs';

import { ChatClient, type ChatThreadClient } from '@azure/communication-chat';
import { AzureCommunicationTokenCredential } from '@azure/communication-common';

import type { House } from './house.js';
import type { Ticket } from './sdk/tokens.js';

/** It speaks HTTPS only. */
export function published(house: House, ticket: Ticket, threadId: string): ChatThreadClient {
  const { origin, caCertificate } = house.ready;
  const options = { tlsOptions: { ca: readFileSync(caCertificate) } };
  return new ChatClient(origin, new AzureCommunicationTokenCredential(ticket.token), options).getChatThreadClient(threadId);
}
