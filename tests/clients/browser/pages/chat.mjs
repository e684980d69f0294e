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
  // Dates become texts, and the test gets what was told at that moment.
  seen.push({ name, at: Date.now(), event: event === undefined ? null : JSON.parse(JSON.stringify(event)) });
  for (const told of waiting) told();
  waiting.clear();
};

let client;

globalThis.chat = {
  /** Makes the client, in place of one that was made before; nothing is started. */
  open(endpoint, token) {
    client = new ChatClient(endpoint, new AzureCommunicationTokenCredential(token));
  },

  /** Begins to listen to all ten events, and to the connection. */
  async listen() {
    client.on('realTimeNotificationConnected', () => note('connected'));
    client.on('realTimeNotificationDisconnected', () => note('disconnected'));
    await client.startRealtimeNotifications();
    for (const name of EVENTS) client.on(name, (event) => note(name, event));
  },

  stop: () => client.stopRealtimeNotifications(),

  /** The `nth` event of this name, counted from 0, as soon as it is there. */
  async event(name, nth = 0) {
    for (;;) {
      const found = seen.filter((one) => one.name === name)[nth];
      if (found !== undefined) return found;
      await new Promise((resolve) => waiting.add(resolve));
    }
  },

  /** Names of everything seen so far. */
  names: () => seen.map((one) => one.name),

  /** A method of the client. A refusal comes back as `{ refused }`, since errors lose their members on the way to the test. */
  client: (method, ...args) => settled(() => client[method](...args)),

  /** A method of a thread's client. */
  thread: (id, method, ...args) => settled(() => client.getChatThreadClient(id)[method](...args)),
};

async function settled(work) {
  try {
    const answer = await work();
    if (answer?.[Symbol.asyncIterator] === undefined) return answer;
    const all = [];
    for await (const one of answer) all.push(one);
    return all;
  } catch (error) {
    return { refused: { statusCode: error.statusCode, code: error.code, message: error.message } };
  }
}
