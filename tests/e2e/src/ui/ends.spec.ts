/** Every page with which the published UI library lets a person go: turned away, removed, over, cut off, refused. */
import { expect, guestInCall, test } from './stage.js';

test('a guest who is turned away reads that the organizer did not let them in', async ({ bench, ui }) => {
  const meeting = await bench.meeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink);
  const maria = await ui.person({ locator: meeting.byLink, refused: true });
  await maria.starts();
  await maria.on('lobby');
  await anna.until((id) => sdk.call.lobby.participants.some(({ identifier }) => sdk.common.getIdentifierRawId(identifier) === id), maria.id);
  await anna.run((id) => sdk.call.lobby.reject(sdk.common.createIdentifierFromRawId(id)), maria.id);
  await maria.on('accessDeniedTeamsMeeting');
  await expect(maria.at('access-denied-teams-meeting-page')).toBeVisible();
});

test('a guest who is removed reads so, and why coming again is refused', async ({ bench, ui }) => {
  const { anna, maria } = await guestInCall(bench, ui, { refused: true });
  await anna.run((id) => sdk.call.removeParticipant(sdk.common.createIdentifierFromRawId(id) as never), maria.id);
  await maria.on('removedFromCall');
  await expect(maria.at('removed-from-call-page')).toBeVisible();
  await maria.button('Re-join call').click();
  await maria.on('leftCall');
  expect(await maria.state()).toMatchObject({ ended: { code: 403, name: 'removedBefore' } });
});

test('a meeting that is ended for everyone lets its guest go', async ({ bench, ui }) => {
  const { anna, maria } = await guestInCall(bench, ui);
  await anna.leave({ forEveryone: true });
  await maria.on('leftCall');
  expect(await maria.state()).toMatchObject({ ended: { code: 0, subCode: 4097 } });
});

test('a wrong passcode is said to be one', async ({ bench, ui }) => {
  const meeting = await bench.meeting();
  const maria = await ui.person({ locator: { ...meeting.byId, passcode: 'wrong' }, refused: true });
  await maria.starts();
  await maria.on('badRequest');
  expect(await maria.state()).toMatchObject({ ended: { code: 400, subCode: 5751 } });
});

test('a lost connection is told while it lasts, and the call goes on afterwards', async ({ bench, ui }) => {
  const { maria } = await guestInCall(bench, ui, { camera: true, cuttable: true });
  await maria.moves(maria.tile('Anna'));
  await maria.wire?.cut();
  await expect(maria.page.getByText('Hold on').first()).toBeVisible();
  await maria.picture('19-network-lost-desktop-light');
  maria.wire?.mend();
  await maria.moves(maria.tile('Anna'));
  expect((await maria.state()).page).toBe('call');
  // A connection that came back does not make a later leaving look like a failed joining.
  await maria.leaves();
});

test('who leaves without a network is told that there is none', async ({ bench, ui }) => {
  const { maria } = await guestInCall(bench, ui, { refused: true });
  await maria.context.setOffline(true);
  await maria.at('call-composite-hangup-button').click();
  await maria.page.getByRole('dialog').getByRole('button', { name: 'Leave', exact: true }).click();
  await maria.on('joinCallFailedDueToNoNetwork');
  await expect(maria.at('join-call-failed-due-to-no-network-page')).toBeVisible();
  await maria.picture('20-no-network-desktop-light');
});

test('who leaves may say how the call was, and is thanked', async ({ bench, ui }) => {
  const { maria } = await guestInCall(bench, ui);
  await maria.leaves();
  await maria.page.getByRole('radio', { name: 'Select 5 of 5 stars' }).click();
  await maria.button('Send Feedback').click();
  await expect(maria.at('thank-you-page')).toBeVisible();
});
