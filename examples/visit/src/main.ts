/** The page: looks the visit up, checks the devices, and runs one visit after the other until it is left for good. */
import { CallClient } from '@anteroom/calling';

import { keyOf, lookUp, ticket } from './api.js';
import type { VisitKey } from './api.js';
import { Devices } from './devices.js';
import { byId, dress, showEnd, showScreen } from './dom.js';
import { Visit } from './visit.js';

async function open(): Promise<void> {
  const key = keyOf(new URLSearchParams(location.search));
  if (key === undefined) {
    problem('This address names no visit. Please use the link that the clinic sent you.');
    return;
  }
  const info = await lookUp(key);
  byId('title', HTMLElement).textContent = info.title;
  if (info.start !== null) byId('when', HTMLElement).textContent = when(new Date(info.start));

  const client = new CallClient();
  const devices = new Devices(await client.getDeviceManager());
  showScreen('check');
  dress(document.querySelector<HTMLButtonElement>('.leave') ?? byId('mute', HTMLButtonElement), 'leave', 'Leave');
  byId('join-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    void join(client, devices, key);
  });
  byId('again', HTMLButtonElement).addEventListener('click', () => void join(client, devices, key));
  await devices.start();
}

async function join(client: CallClient, devices: Devices, key: VisitKey): Promise<void> {
  const name = byId('name', HTMLInputElement).value.trim();
  if (name === '') return;
  showScreen('connecting');
  try {
    await Visit.run({ client, devices, name, ticket: await ticket(key), renew: async () => (await ticket(key)).token });
  } catch (error) {
    showEnd({ title: 'You could not join', reason: error instanceof Error ? error.message : String(error), wasIn: false });
  }
}

function when(start: Date): string {
  return new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' }).format(start);
}

function problem(text: string): void {
  byId('problem-text', HTMLElement).textContent = text;
  showScreen('problem');
}

open().catch((error: unknown) => {
  problem(error instanceof Error ? error.message : String(error));
});
