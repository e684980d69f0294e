// What a page of an application does with the published chat client; the tests call it through `page.evaluate`.
import { ChatClient } from '@azure/communication-chat';
import { AzureCommunicationTokenCredential } from '@azure/communication-common';

const EVENTS = [
  'chatMessageReceived',
  'chatMessageEdited',
  'chatMessageDeleted',
  'typingIndicatorReceived',
  'readReceiptReceived',
  'chatThreadCreated',
  'chatThreadPropertiesUpdated',
  'chatThreadDeleted',
  'participantsAdded',
  'participantsRemoved',
];

const seen = [];
const waiting = new Set();
const note = (name, event) => {
  seen.push({ name, event, at: Date.now() });
  for (const told of waiting) told();
  waiting.clear();
};

let client;
globalThis.chat = {
  /** Makes the client; nothing is started. */
  open(endpoint, token) {
    client = new ChatClient(endpoint, new AzureCommunicationTokenCredential(token));
    globalThis.client = client;
    return true;
  },

  /** Begins to listen to all ten events, and to the connection. */
  async listen() {
    client.on('realTimeNotificationConnected', () => note('connected'));
    client.on('realTimeNotificationDisconnected', () => note('disconnected'));
    await client.startRealtimeNotifications();
    for (const name of EVENTS) client.on(name, (event) => note(name, event));
  },

  stop: () => client.stopRealtimeNotifications(),

  /** The first event of this name from `from` on, as soon as it is there. Dates are texts then. */
  async event(name, from = 0) {
    for (;;) {
      const found = seen.slice(from).find((one) => one.name === name);
      if (found !== undefined) return JSON.parse(JSON.stringify(found));
      await new Promise((resolve) => waiting.add(resolve));
    }
  },

  /** Names of everything seen so far. */
  names: () => seen.map((one) => one.name),
};
