// A page that joins a meeting with the calling SDK and talks in its chat with the published chat client, as the meeting's own thread allows.
import { ChatClient } from '@azure/communication-chat';
import { AzureCommunicationTokenCredential } from '@azure/communication-common';

import { CallClient } from '../../../../web/packages/calling/src/index.ts';

let call;
const states = [];
const waiting = new Set();
const note = () => {
  // What an application knows of the thread at the very moment at which it hears of the state.
  states.push({ state: call.state, threadId: call.info.threadId });
  for (const told of waiting) told();
  waiting.clear();
};

globalThis.meeting = {
  async join(token, meetingLink, displayName, isMember) {
    const credential = new AzureCommunicationTokenCredential(token);
    const client = new CallClient();
    const agent = await (isMember ? client.createTeamsCallAgent(credential) : client.createCallAgent(credential, { displayName }));
    call = agent.join({ meetingLink }, { audioOptions: { muted: true } });
    call.on('stateChanged', note);
    note();
  },

  /** The first time that the call has this state, as soon as it has. */
  async state(wanted) {
    for (;;) {
      const found = states.find(({ state }) => state === wanted);
      if (found !== undefined) return found;
      await new Promise((resolve) => waiting.add(resolve));
    }
  },

  /** Lets in whoever waits, as soon as somebody does; gives the moment just before. */
  async admit() {
    const { lobby } = call;
    while (lobby.participants.length === 0) {
      await new Promise((resolve) => {
        const changed = () => {
          lobby.off('lobbyParticipantsUpdated', changed);
          resolve();
        };
        lobby.on('lobbyParticipantsUpdated', changed);
      });
    }
    const moment = Date.now();
    await lobby.admitAll();
    return moment;
  },

  async remove(rawId) {
    const participant = call.remoteParticipants.find(({ identifier }) => identifier.communicationUserId === rawId);
    await call.removeParticipant(participant.identifier);
  },

  /** Resolves when this person is not in the meeting, as others see it. */
  async gone(rawId) {
    while (call.remoteParticipants.some(({ identifier }) => identifier.communicationUserId === rawId)) {
      await new Promise((resolve) => {
        const changed = () => {
          call.off('remoteParticipantsUpdated', changed);
          resolve();
        };
        call.on('remoteParticipantsUpdated', changed);
      });
    }
  },

  hangUp: (forEveryone) => call.hangUp({ forEveryone }),
};

/** The chat of a meeting, without the meeting: what somebody could try with their token alone. */
let thread;
globalThis.meetingChat = {
  open(endpoint, token, threadId) {
    thread = new ChatClient(endpoint, new AzureCommunicationTokenCredential(token)).getChatThreadClient(threadId);
  },
  send: (content) => status(() => thread.sendMessage({ content })),
  topic: () => status(() => thread.getProperties().then(({ topic }) => topic)),
  /** Texts of people, oldest first. */
  read: () =>
    status(async () => {
      const texts = [];
      for await (const message of thread.listMessages()) if (message.type === 'text') texts.unshift(message.content.message);
      return texts;
    }),
};

async function status(work) {
  try {
    return await work();
  } catch (error) {
    return error.statusCode ?? String(error);
  }
}
