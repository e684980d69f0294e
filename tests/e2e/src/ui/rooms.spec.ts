/** The published UI library in calls that are no meetings: a group by its id, a room of invited people. */
import { randomUUID } from 'node:crypto';

import { RoomsDesk } from '../sdk/rooms-desk.js';
import { expect, test } from './stage.js';

test('two people meet in a group call', async ({ bench, ui }) => {
  const locator = { groupId: randomUUID() };
  const maria = await ui.person({ locator, name: 'Maria' });
  await maria.cameraOn();
  await maria.starts();
  await maria.on('call');
  const ben = await bench.person({ kind: 'guest', name: 'Ben' });
  await ben.enters(locator, { camera: true });
  await Promise.all([maria.moves(maria.tile('Ben')), ben.decodes(maria.id)]);
  await maria.picture('16-group-desktop-light');
  await maria.leaves();
  await ben.misses(maria);
});

test('invited people meet in a room with their roles, and somebody else is told that they are not invited', async ({ bench, ui }) => {
  const [maria, ben] = await Promise.all([bench.desk.guest(), bench.desk.guest()]);
  const room = await new RoomsDesk(bench.house).make({ [maria.id]: 'Presenter', [ben.id]: 'Consumer' });
  const first = await ui.person({ locator: room, name: 'Maria', ticket: maria });
  await first.cameraOn();
  await first.starts();
  await first.on('call');
  const second = await ui.person({ locator: room, name: 'Ben', ticket: ben });
  await second.starts();
  await second.on('call');
  await second.moves(second.tile('Maria'));
  await expect(second.at('call-composite-screenshare-button')).toBeDisabled();
  await expect(second.at('call-composite-microphone-button').first()).toBeDisabled();
  await second.picture('17-room-consumer-desktop-light');
  // The library has no tile for who only watches.
  const others = (): Promise<number> => first.page.evaluate(() => Object.keys(state()?.call?.remoteParticipants ?? {}).length);
  await expect.poll(others).toBe(1);
  await second.leaves();
  await expect.poll(others).toBe(0);
  await first.leaves();
  const stranger = await ui.person({ locator: room, name: 'Vera', refused: true });
  await stranger.starts();
  await stranger.on('leftCall');
  await stranger.picture('18-not-invited-desktop-light');
  expect(await stranger.state()).toMatchObject({ ended: { code: 403, subCode: 5828 } });
  const nobody = await ui.person({ locator: { roomId: '99199690362660524' }, name: 'José', refused: true });
  await nobody.starts();
  await nobody.on('leftCall');
  expect(await nobody.state()).toMatchObject({ ended: { subCode: 5732 } });
});
