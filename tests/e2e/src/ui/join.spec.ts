/** The published UI library from its first page to its last, for every way to name a meeting. */
import { expect, guestInCall, test } from './stage.js';

for (const by of ['byLink', 'byId'] as const) {
  test(`a guest waits, is let in, sees and is seen, and leaves: ${by === 'byLink' ? 'join link' : 'meeting ID and passcode'}`, async ({ bench, ui }) => {
    const meeting = await bench.meeting();
    const anna = await bench.person({ kind: 'member', member: 0 });
    await anna.enters(meeting.byLink, { camera: true });
    const maria = await ui.person({ locator: meeting[by], name: 'Maria' });
    await maria.cameraOn();
    await maria.starts();
    await maria.on('lobby');
    await expect(maria.at('lobbyScreenTitle')).toBeVisible();
    await anna.admits(maria);
    await maria.on('call');
    await Promise.all([maria.moves(maria.tile(anna.name ?? '')), anna.decodes(maria.id)]);
    await maria.leaves();
    await expect(maria.page.getByText('How was your call?').or(maria.at('call-composite-survey')).first()).toBeVisible();
    await anna.misses(maria);
  });
}

for (const strict of ['hook', 'effect'] as const) {
  test(`in React's strict mode a guest is one person, who sees, is seen and leaves: ${strict === 'hook' ? 'adapter by the hook' : 'adapter in an effect'}`, async ({ bench, ui }) => {
    const { anna, maria } = await guestInCall(bench, ui, { camera: true, strict });
    await maria.at('call-composite-camera-button').first().click();
    await Promise.all([maria.moves(maria.tile('Anna')), anna.decodes(maria.id)]);
    expect(await anna.run(() => sdk.call.remoteParticipants.length)).toBe(1);
    await maria.leaves();
    await anna.misses(maria);
  });
}
