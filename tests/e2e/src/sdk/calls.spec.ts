/** Calls to people between real browsers: ring, answer, decline, cancel, elsewhere, add, remove, hold, transfer; and who may call whom. */
import type { Bench, Person } from './bench.js';
import { expect, test } from './bench.js';
import { flow, packets, stands } from './flow.js';

/** Calls people, with the first camera; keeps the call. */
async function calls(caller: Person, ...callees: { id: string }[]): Promise<void> {
  await caller.run(
    async (ids) => {
      const [camera] = await sdk.devices.getCameras();
      const localVideoStreams = camera ? [new sdk.module.LocalVideoStream(camera)] : [];
      const people = ids.map((id) => sdk.common.createIdentifierFromRawId(id));
      const customContext = { userToUser: 'hello', voipHeaders: [{ key: 'ticket', value: '42' }] };
      sdk.keep(sdk.agent.startCall(people as never, { videoOptions: { localVideoStreams }, customContext }));
    },
    callees.map(({ id }) => id),
  );
}

/** Waits until something rings that has not been looked at; gives what is told of it. */
async function rings(person: Person): Promise<{ id: string; caller: string; name: string; transferor: string | undefined; context: unknown }> {
  await person.until(() => sdk.incoming.some(({ callEndReason }) => callEndReason === undefined));
  return person.run(() => {
    const incoming = sdk.incoming.find(({ callEndReason }) => callEndReason === undefined)!;
    const raw = (identifier: unknown): string => sdk.common.getIdentifierRawId(identifier as never);
    return {
      id: incoming.id,
      caller: raw(incoming.callerInfo.identifier),
      name: incoming.callerInfo.displayName ?? '',
      transferor: incoming.transferorInfo && raw(incoming.transferorInfo.identifier),
      context: incoming.customContext,
    };
  });
}

/** Answers what rings, with the first camera; keeps the call. */
async function answers(person: Person): Promise<void> {
  await rings(person);
  await person.run(async () => {
    const at = sdk.incoming.findIndex(({ callEndReason }) => callEndReason === undefined);
    const [incoming] = sdk.incoming.splice(at, 1);
    const [camera] = await sdk.devices.getCameras();
    const localVideoStreams = camera ? [new sdk.module.LocalVideoStream(camera)] : [];
    sdk.keep(await incoming!.accept({ videoOptions: { localVideoStreams } }));
  });
}

/** Two who talk, and a third who is not called yet. */
async function twoAndThird(bench: Bench): Promise<{ ada: Person; bo: Person; cleo: Person }> {
  const ada = await bench.person({ kind: 'guest', name: 'Ada' });
  const bo = await bench.person({ kind: 'guest', name: 'Bo' });
  const cleo = await bench.person({ kind: 'guest', name: 'Cleo' });
  await calls(ada, bo);
  await answers(bo);
  await ada.state('Connected');
  return { ada, bo, cleo };
}

/** Waits until nothing rings any more; gives why the last one ended. */
async function falls(person: Person): Promise<[number, number | undefined]> {
  await person.until(() => sdk.incoming.length > 0 && sdk.incoming.every(({ callEndReason }) => callEndReason !== undefined));
  return person.run(() => {
    const reason = sdk.incoming.at(-1)!.callEndReason!;
    return [reason.code, reason.subCode] as [number, number | undefined];
  });
}

/** Waits until somebody else of the call is in this state. */
async function sees(person: Person, other: { id: string }, state: string): Promise<void> {
  await person.until(([id, wanted]) => sdk.participant(id ?? '')?.state === wanted, [other.id, state]);
}

test('a guest rings a guest, who knows the caller, answers, and both see and hear each other until one hangs up', async ({ bench }) => {
  const ada = await bench.person({ kind: 'guest', name: 'Ada' });
  const bo = await bench.person({ kind: 'guest', name: 'Bo' });
  await calls(ada, bo);
  await ada.state('Ringing');
  await sees(ada, bo, 'Ringing');
  const ringing = await rings(bo);
  expect(ringing).toMatchObject({ caller: ada.id, name: 'Ada', context: { userToUser: 'hello', voipHeaders: [{ key: 'ticket', value: '42' }] } });
  await answers(bo);
  expect(await bo.run(() => [sdk.call.id, sdk.call.direction])).toEqual([ringing.id, 'Incoming']);
  await ada.state('Connected');
  expect(await ada.run(() => sdk.call.remoteParticipants[0]?.displayName)).toBe('Bo');
  await Promise.all([ada.decodes(bo), bo.decodes(ada)]);
  await Promise.all([ada.hears(), bo.hears()]);
  await ada.leave();
  expect(await bo.endReason()).toMatchObject({ code: 0, subCode: 5003 });
  expect(await bo.run(() => sdk.agent.calls.length)).toBe(0);
});

test('a call is declined, or taken back before it is answered', async ({ bench }) => {
  const ada = await bench.person({ kind: 'guest', name: 'Ada' });
  const bo = await bench.person({ kind: 'guest', name: 'Bo' });
  await calls(ada, bo);
  await rings(bo);
  await bo.run(() => sdk.incoming[0]!.reject());
  expect(await ada.endReason()).toMatchObject({ code: 603, subCode: 0 });
  expect(await falls(bo)).toEqual([603, 0]);
  await calls(ada, bo);
  await rings(bo);
  await ada.leave();
  expect(await falls(bo)).toEqual([487, 0]);
  const late = await bo.refused(() => sdk.incoming.at(-1)!.accept());
  expect([late.code, late.subCode]).toEqual([400, 41006]);
});

test('a call rings in every window of a person and stops in the others when one answers', async ({ bench }) => {
  const ada = await bench.person({ kind: 'guest', name: 'Ada' });
  const ticket = await bench.desk.guest();
  const desk = await bench.person({ kind: 'guest', name: 'Bo', ticket });
  const phone = await bench.person({ kind: 'guest', name: 'Bo', ticket });
  await calls(ada, desk);
  await Promise.all([rings(desk), rings(phone)]);
  await answers(phone);
  expect(await falls(desk)).toEqual([487, 10003]);
  await ada.state('Connected');
  await ada.decodes(phone);
});

test('two people are rung at once: the call connects with the first, goes on ringing at the second, and all three see each other', async ({ bench }) => {
  const ada = await bench.person({ kind: 'guest', name: 'Ada' });
  const bo = await bench.person({ kind: 'guest', name: 'Bo' });
  const cleo = await bench.person({ kind: 'guest', name: 'Cleo' });
  await calls(ada, bo, cleo);
  await ada.state('Ringing');
  await Promise.all([sees(ada, bo, 'Ringing'), sees(ada, cleo, 'Ringing')]);
  for (const person of [bo, cleo]) expect(await rings(person)).toMatchObject({ caller: ada.id, name: 'Ada' });
  await answers(bo);
  await ada.state('Connected');
  await sees(ada, cleo, 'Ringing');
  await answers(cleo);
  await Promise.all([ada.meets(bo), ada.meets(cleo), bo.meets(cleo), cleo.meets(bo)]);
  await Promise.all([ada.decodes(bo), ada.decodes(cleo), bo.decodes(ada), bo.decodes(cleo), cleo.decodes(ada), cleo.decodes(bo)]);
  // One who leaves ends it for nobody.
  await bo.leave();
  await Promise.all([ada.misses(bo), cleo.misses(bo)]);
  await cleo.decodes(ada);
});

test('a third one is added, sees the others, and is removed', async ({ bench }) => {
  const { ada, bo, cleo } = await twoAndThird(bench);
  const add = (id: string): string => {
    const person = sdk.call.addParticipant(sdk.common.createIdentifierFromRawId(id) as never);
    (globalThis as { added?: unknown }).added = person;
    return person.state;
  };
  expect(await bo.run(add, cleo.id)).toBe('Connecting');
  await sees(ada, cleo, 'Ringing');
  await rings(cleo);
  await cleo.run(() => sdk.incoming[0]!.reject());
  await bo.until(() => (globalThis as unknown as { added: { state: string } }).added.state === 'Disconnected');
  expect(await bo.run(() => (globalThis as unknown as { added: { callEndReason: { code: number } } }).added.callEndReason.code)).toBe(603);
  await bo.run(add, cleo.id);
  await answers(cleo);
  await Promise.all([ada.meets(cleo), bo.meets(cleo)]);
  await Promise.all([cleo.decodes(ada), cleo.decodes(bo), ada.decodes(cleo)]);
  await ada.run((id) => sdk.call.removeParticipant(sdk.common.createIdentifierFromRawId(id)), cleo.id);
  expect(await cleo.endReason()).toMatchObject({ code: 0, subCode: 5300 });
  await Promise.all([ada.misses(cleo), bo.misses(cleo)]);
  await ada.state('Connected');
});

test('a hold of one is seen by the other as a remote hold, nothing flows, and it goes on when both resumed', async ({ bench }) => {
  const ada = await bench.person({ kind: 'guest', name: 'Ada' });
  const bo = await bench.person({ kind: 'guest', name: 'Bo' });
  await calls(ada, bo);
  await answers(bo);
  await Promise.all([ada.decodes(bo), bo.decodes(ada)]);
  await ada.run(() => sdk.call.hold());
  await ada.state('LocalHold');
  await bo.state('RemoteHold');
  await sees(bo, ada, 'Hold');
  await bo.until((id) => sdk.participant(id)?.videoStreams.every(({ isAvailable }) => !isAvailable), ada.id);
  const sent = async (): Promise<number> => (await flow(bo)).sent;
  await stands(async () => packets(await flow(ada)), sent, 150, 'Ada, who holds, gets nothing of what Bo goes on sending');
  await stands(async () => packets(await flow(bo)), sent, 150, 'Bo gets nothing from Ada');
  await bo.run(() => sdk.call.hold());
  await bo.state('LocalHold');
  await ada.run(() => sdk.call.resume());
  await ada.state('RemoteHold');
  await bo.run(() => sdk.call.resume());
  await Promise.all([ada.state('Connected'), bo.state('Connected')]);
  await Promise.all([ada.decodes(bo), bo.decodes(ada)]);
  await Promise.all([ada.hears(), bo.hears()]);
  const twice = await bo.refused(() => sdk.call.resume());
  expect([twice.code, twice.subCode]).toEqual([500, 41034]);
});

test('a caller hands the other one over to a third, and leaves the two alone', async ({ bench }) => {
  const { ada, bo, cleo } = await twoAndThird(bench);
  await bo.run(() => {
    sdk.call.feature(sdk.module.Features.Transfer).on('transferAccepted', ({ targetCall }) => {
      (globalThis as { target?: unknown }).target = targetCall;
    });
  });
  await ada.run((id) => {
    const states: string[] = [];
    const identifier = sdk.common.createIdentifierFromRawId(id) as never;
    const transfer = sdk.call.feature(sdk.module.Features.Transfer).transfer({ targetParticipant: identifier });
    transfer.on('stateChanged', () => states.push(transfer.state));
    (globalThis as { transferStates?: string[] }).transferStates = states;
  }, cleo.id);
  expect(await rings(cleo)).toMatchObject({ caller: bo.id, name: 'Bo', transferor: ada.id });
  await answers(cleo);
  expect(await ada.endReason()).toMatchObject({ code: 0, subCode: 7015 });
  expect(await ada.run(() => (globalThis as unknown as { transferStates: string[] }).transferStates)).toEqual(['Transferring', 'Transferred']);
  expect(await bo.endReason()).toMatchObject({ code: 0, subCode: 7015 });
  await bo.run(() => {
    sdk.keep((globalThis as unknown as { target: never }).target);
  });
  await bo.state('Connected');
  await Promise.all([bo.meets(cleo), cleo.meets(bo)]);
  await Promise.all([bo.decodes(cleo), cleo.hears()]);
});

test('a transfer to somebody who declines fails with the reason, and the two go on', async ({ bench }) => {
  const { ada, bo, cleo } = await twoAndThird(bench);
  const transfer = (id: string): void => {
    const identifier = sdk.common.createIdentifierFromRawId(id) as never;
    (globalThis as { transfer?: unknown }).transfer = sdk.call.feature(sdk.module.Features.Transfer).transfer({ targetParticipant: identifier });
  };
  interface Kept { transfer: { state: string; error?: { code: number } } }
  const failed = () => (globalThis as unknown as Kept).transfer.state === 'Failed';
  const code = () => (globalThis as unknown as Kept).transfer.error?.code;
  await ada.run(transfer, cleo.id);
  await rings(cleo);
  await cleo.run(() => sdk.incoming[0]!.reject());
  await ada.until(failed);
  expect(await ada.run(code)).toBe(603);
  // The server refuses at once to hand over to a member whom the guest may not call.
  const anna = await bench.person({ kind: 'member', member: 0 });
  await ada.run(transfer, anna.id);
  await ada.until(failed);
  expect(await ada.run(code)).toBe(403);
  expect(await anna.run(() => sdk.incoming.length)).toBe(0);
  await Promise.all([ada.state('Connected'), bo.state('Connected')]);
  await Promise.all([ada.decodes(bo), bo.decodes(ada)]);
});

test('who runs a meeting rings a guest in, past the lobby in which the same guest would wait', async ({ bench }) => {
  const meeting = await bench.meeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { camera: true });
  const bo = await bench.person({ kind: 'guest', name: 'Bo' });
  await anna.run((id) => void sdk.call.addParticipant(sdk.common.createIdentifierFromRawId(id) as never), bo.id);
  await answers(bo);
  await bo.state('Connected');
  await anna.meets(bo);
  await bo.decodes(anna);
  const cleo = await bench.person({ kind: 'guest', name: 'Cleo' });
  await cleo.join(meeting.byLink, { muted: true });
  await cleo.state('InLobby');
});

test('a guest does not ring members unless the policy opens it, nor a guest of another application; a member rings a guest', async ({ bench }) => {
  const ada = await bench.person({ kind: 'guest', name: 'Ada' });
  const anna = await bench.person({ kind: 'member', member: 0 });
  await calls(ada, anna);
  expect(await ada.endReason()).toMatchObject({ code: 403, subCode: 10124 });
  const guid = (last: string): string => `00000000-0000-0000-0000-00000000000${last}`;
  await calls(ada, { id: `8:acs:${guid('1')}_${guid('2')}` });
  expect(await ada.endReason()).toMatchObject({ code: 403, subCode: 10119 });
  await calls(anna, ada);
  expect(await rings(ada)).toMatchObject({ caller: anna.id });
  await anna.leave();
  await falls(ada);
  await bench.policy({ guestsCallMembers: true });
  await calls(ada, anna);
  expect(await rings(anna)).toMatchObject({ caller: ada.id, name: 'Ada' });
  await answers(anna);
  await Promise.all([ada.decodes(anna), anna.decodes(ada)]);
});
