/** Breakout rooms in the published UI library: a guest is moved into their room, and back. */
import { expect, test } from './stage.js';

test('a guest is moved into their room when it opens, and back when it closes', async ({ bench, ui }) => {
  const before = await bench.desk.settings({ policy: { guestBreakoutRooms: true } });
  try {
    const meeting = await bench.openMeeting();
    const anna = await bench.person({ kind: 'member', member: 0 });
    const ben = await bench.person({ kind: 'member', member: 1 });
    await anna.enters(meeting.byLink, { camera: true });
    await ben.enters(meeting.byLink, { camera: true });
    const maria = await ui.person({ locator: meeting.byLink, name: 'Maria' });
    await maria.starts();
    await maria.on('call');
    await Promise.all([anna.meets(maria), anna.meets(ben)]);
    await ben.run(() => {
      // Whoever is moved keeps the call of the room, so that its people can be looked at.
      sdk.call.feature(sdk.module.Features.BreakoutRooms).on('breakoutRoomsUpdated', (event) => {
        if (event.type === 'join' && event.data) sdk.keep(event.data as typeof sdk.call);
      });
    });
    await anna.run(
      (ids) => sdk.call.meeting!.breakout.plan({ rooms: [{ displayName: 'Blue', invitees: ids.map((id) => sdk.common.createIdentifierFromRawId(id)) }], autoMove: true }),
      [ben.id, maria.id],
    );
    await anna.run(() => sdk.call.meeting!.breakout.open());
    await maria.page.waitForFunction(() => state()?.call?.breakoutRooms?.breakoutRoomDisplayName === 'Blue', undefined, { polling: 100 });
    await maria.on('call');
    await expect(maria.tile('Ben')).toBeVisible();
    await expect(maria.tile('Anna')).toHaveCount(0);
    await maria.picture('13-breakout-room-desktop-light');
    await anna.run(() => sdk.call.meeting!.breakout.close());
    await expect(maria.tile('Anna')).toBeVisible({ timeout: 60_000 });
    await maria.on('call');
  } finally {
    await bench.desk.settings({ policy: before.policy });
  }
});
