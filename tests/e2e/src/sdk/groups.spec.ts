/** Group calls: two guests who know the same GUID, and a survey when the call is over. */
import { randomUUID } from 'node:crypto';

import { House } from '../house.js';
import { expect, openBench, test } from './bench.js';

test('two guests who know the GUID see and hear each other, and both may do the same', async ({ bench }) => {
  const group = { groupId: randomUUID() };
  const ada = await bench.person({ kind: 'guest', name: 'Ada' });
  const ben = await bench.person({ kind: 'guest', name: 'Ben' });
  await ada.enters(group, { camera: true });
  await ben.enters({ groupId: group.groupId.toUpperCase() }, { camera: true });
  await Promise.all([ada.meets(ben), ben.meets(ada)]);
  await Promise.all([ada.decodes(ben), ben.decodes(ada), ada.hears(), ben.hears()]);
  const about = (): Promise<unknown> => ada.run(() => [sdk.call.role, sdk.call.info.groupId, sdk.call.info.threadId === undefined, sdk.call.lobby === undefined]);
  expect(await about()).toEqual(['Unknown', group.groupId, true, true]);
  expect(await ada.run((id) => sdk.participant(id)?.role, ben.id)).toBe('Unknown');

  await ben.run(() => sdk.call.startScreenSharing());
  await ada.decodes(ben, 'ScreenSharing');
  await ben.events('Features.RaiseHand', 'raisedHandEvent');
  await ada.run(() => sdk.call.feature(sdk.module.Features.RaiseHand).raiseHand());
  expect(await ben.waitEvent('Features.RaiseHand', 'raisedHandEvent')).toEqual({ identifier: ada.id });
  // Whoever came first may be removed by whoever came second, and stays out while the call is held.
  await ben.run((id) => sdk.call.removeParticipant({ communicationUserId: id }), ada.id);
  expect(await ada.endReason()).toMatchObject({ code: 0, subCode: 5300 });
  await ada.join(group);
  expect(await ada.endReason()).toMatchObject({ code: 403, subCode: 5912 });
});

test('guests with other GUIDs do not meet, and whoever ends the call ends it for everybody', async ({ bench }) => {
  const group = { groupId: randomUUID() };
  const [ada, ben, cleo] = [await bench.person({ kind: 'guest', name: 'Ada' }), await bench.person({ kind: 'guest', name: 'Ben' }), await bench.person({ kind: 'guest', name: 'Cleo' })];
  await ada.enters(group);
  await cleo.enters({ groupId: randomUUID() });
  await ben.enters(group);
  await ada.meets(ben);
  expect(await ada.run((id) => sdk.participant(id) === undefined, cleo.id)).toBe(true);
  await ben.leave({ forEveryone: true });
  expect(await ada.endReason()).toMatchObject({ code: 0, subCode: 4097 });
  expect(await cleo.run(() => sdk.call.state)).toBe('Connected');
});

test('members, guests of another resource and ids that are no GUID are refused', async ({ bench, house }) => {
  const group = { groupId: randomUUID() };
  const ada = await bench.person({ kind: 'guest', name: 'Ada' });
  await ada.join({ groupId: 'our-group' });
  expect(await ada.endReason()).toMatchObject({ code: 400, subCode: 5923 });
  await ada.enters(group);
  const member = await bench.person({ kind: 'member', member: 0 });
  await member.join(group as never);
  expect(await member.endReason()).toMatchObject({ code: 403, subCode: 5921 });

  const elsewhere = await House.start();
  try {
    const foreign = await openBench(elsewhere);
    const { token } = await foreign.desk.guest();
    await foreign.close();
    const refusal = await ada.refused(
      async (given) => {
        const [stranger, signalUrl] = given as [string, string];
        const client = new sdk.module.CallClient({ signalUrl } as object);
        await client.createCallAgent(new sdk.common.AzureCommunicationTokenCredential(stranger));
      },
      [token, `${house.ready.httpOrigin.replace('http', 'ws')}/signal`],
    );
    expect(refusal.code).toBe(401);
  } finally {
    await elsewhere.stop();
  }
  expect(await ada.run(() => sdk.call.state)).toBe('Connected');
});

test('a survey is kept after the call has ended, and the administrator reads it', async ({ bench }) => {
  const group = { groupId: randomUUID() };
  const ada = await bench.person({ kind: 'guest', name: 'Ada' });
  await ada.enters(group);
  await ada.leave();
  const submitted = await ada.run(async () => {
    const { id, callId, localParticipantId } = await sdk.call.feature(sdk.module.Features.CallSurvey).submitSurvey({
      overallRating: { score: 2, issues: ['HadToRejoin'] },
      videoRating: { score: 90, scale: { lowerBound: 0, upperBound: 100, lowScoreThreshold: 40 }, issues: ['Freezes'] },
    });
    return { id, isThisCall: callId === sdk.call.id, isThisEndpoint: localParticipantId === sdk.call.info.participantId };
  });
  expect(submitted).toMatchObject({ isThisCall: true, isThisEndpoint: true });
  const { surveys } = await bench.desk.administrate<{ surveys: Record<string, unknown>[] }>('GET', `surveys?group=${group.groupId}`);
  expect(surveys).toMatchObject([
    {
      id: submitted.id,
      callKind: 'group',
      groupId: group.groupId,
      threadId: null,
      participant: ada.id,
      ratings: [
        { subject: 'overall', score: 2, lower: 1, upper: 5, lowThreshold: 3, issues: ['HadToRejoin'] },
        { subject: 'video', score: 90, lower: 0, upper: 100, lowThreshold: 40, issues: ['Freezes'] },
      ],
    },
  ]);
  // A score off the scale is refused by the SDK; an issue that is none, only by the server: the survey that is kept stays as it is.
  const asked = (): number => ada.witness.sent.filter((frame) => frame.includes('"submitSurvey"')).length;
  const offScale = await ada.refused(() => sdk.call.feature(sdk.module.Features.CallSurvey).submitSurvey({ overallRating: { score: 6 } }));
  expect([offScale.code, offScale.subCode, asked()]).toEqual([400, 46722, 1]);
  const noIssue = await ada.refused(() =>
    sdk.call.feature(sdk.module.Features.CallSurvey).submitSurvey({ overallRating: { score: 1, issues: ['TooLoudOutside'] as never } }),
  );
  expect([noIssue.code, noIssue.subCode, asked()]).toEqual([400, 46722, 2]);
  const scores = async (): Promise<unknown[]> => {
    const { surveys: now } = await bench.desk.administrate<{ surveys: { ratings: { score: number }[] }[] }>('GET', `surveys?group=${group.groupId}`);
    return now.map(({ ratings }) => ratings.map(({ score }) => score));
  };
  expect(await scores()).toEqual([[2, 90]]);
  await ada.run(() => sdk.call.feature(sdk.module.Features.CallSurvey).submitSurvey({ overallRating: { score: 4, issues: ['HadToRejoin'] } }));
  expect(await scores(), 'a second one takes the place of the first').toEqual([[4]]);
});
