/** What the published UI library lets a person do in a call, as the others see it, and what the others do, as it shows it. */
import type { Locator } from '@playwright/test';

import { expect, guestInCall, test } from './stage.js';

test('camera and microphone go on and off', async ({ bench, ui }) => {
  const { anna, maria } = await guestInCall(bench, ui, { camera: true });
  await maria.at('call-composite-camera-button').first().click();
  await anna.decodes(maria.id, 'Video');
  await maria.moves(maria.at('local-video-tile').or(maria.tile('Maria')).first());
  await maria.at('call-composite-camera-button').first().click();
  await anna.until((id) => sdk.participant(id)?.videoStreams.every(({ isAvailable }) => !isAvailable), maria.id);
  const muted = (): Promise<boolean | undefined> => anna.run((id) => sdk.participant(id)?.isMuted, maria.id);
  const before = await muted();
  await maria.at('call-composite-microphone-button').first().click();
  await expect.poll(muted).toBe(before !== true);
  await maria.at('call-composite-microphone-button').first().click();
  await expect.poll(muted).toBe(before);
});

test('who is muted by the organizer is told', async ({ bench, ui }) => {
  const { anna, maria } = await guestInCall(bench, ui, { camera: true });
  await maria.at('call-composite-microphone-button').first().click();
  await anna.until((id) => sdk.participant(id)?.isMuted === false, maria.id);
  await anna.hears();
  await anna.run((id) => sdk.participant(id)?.mute(), maria.id);
  await expect(maria.page.getByText(/muted by/i).first()).toBeVisible();
});

test('a screen is shared by a guest who was made a presenter, and shown to them', async ({ bench, ui }) => {
  const { anna, maria } = await guestInCall(bench, ui, { camera: true });
  await expect(maria.at('call-composite-screenshare-button')).toBeDisabled();
  await anna.run((id) => sdk.call.meeting?.setRole(sdk.common.createIdentifierFromRawId(id), 'Presenter'), maria.id);
  await maria.at('call-composite-screenshare-button').click();
  await anna.decodes(maria.id, 'ScreenSharing');
  await maria.at('call-composite-screenshare-button').click();
  await anna.until((id) => sdk.participant(id)?.videoStreams.every(({ mediaStreamType, isAvailable }) => mediaStreamType !== 'ScreenSharing' || !isAvailable), maria.id);
  await anna.run(() => sdk.call.startScreenSharing());
  // Her camera and her screen.
  const moving = (): Promise<number> =>
    maria.at('call-page').evaluate((page) => [...page.querySelectorAll('video')].filter((video) => video.getVideoPlaybackQuality().totalVideoFrames > 5).length);
  await expect.poll(moving, { timeout: 60_000 }).toBe(2);
});

test('a raised hand is seen in both directions, where the policy lets guests raise theirs', async ({ bench, ui }) => {
  const before = await bench.desk.settings({ policy: { guestRaisedHand: true } });
  try {
    const { anna, maria } = await guestInCall(bench, ui, { camera: true });
    await anna.events('Features.RaiseHand', 'raisedHandEvent', 'loweredHandEvent');
    await maria.at('call-composite-raisehand-button').click();
    expect(await anna.waitEvent('Features.RaiseHand', 'raisedHandEvent')).toEqual({ identifier: maria.id });
    await maria.at('call-composite-raisehand-button').click();
    expect(await anna.waitEvent('Features.RaiseHand', 'loweredHandEvent')).toEqual({ identifier: maria.id });
    await anna.run(() => sdk.call.feature(sdk.module.Features.RaiseHand).raiseHand());
    // Her place in the order, beside the hand on her tile.
    const place = maria.tile('Anna').getByText('1', { exact: true });
    await expect(place).toBeVisible();
    await anna.run(() => sdk.call.feature(sdk.module.Features.RaiseHand).lowerHand());
    await expect(place).toHaveCount(0);
  } finally {
    await bench.desk.settings({ policy: before.policy });
  }
});

test('people come, are listed and go', async ({ bench, ui }) => {
  const { meeting, maria } = await guestInCall(bench, ui, { camera: true });
  await maria.at('common-call-composite-people-button').click();
  const people = maria.at('people-pane-content');
  const listed = (name: string): Locator => people.getByRole('menuitem').filter({ hasText: name });
  await expect(listed('Anna')).toBeVisible();
  const ben = await bench.person({ kind: 'guest', name: 'Ben' });
  await ben.enters(meeting.byLink);
  await expect(listed('Ben')).toBeVisible();
  await ben.leave();
  await expect(listed('Ben')).toHaveCount(0);
});

test('a reaction is seen in both directions', async ({ bench, ui }) => {
  const { anna, maria } = await guestInCall(bench, ui, { camera: true });
  await anna.events('Features.Reaction', 'reaction');
  // The bar is drawn anew while the call gathers itself, and a menu that was open is closed by it.
  const like = maria.at('reaction-sub-menu').getByRole('button', { name: 'Like' });
  await expect(async () => {
    if (!(await like.isVisible())) await maria.at('call-composite-reaction-button').click();
    await like.click({ timeout: 2_000 });
  }).toPass();
  expect(await anna.waitEvent('Features.Reaction', 'reaction')).toMatchObject({ identifier: maria.id, reactionMessage: { reactionType: 'like' } });
  await anna.run(() => sdk.call.feature(sdk.module.Features.Reaction).sendReaction({ reactionType: 'heart' }));
  const floats = (): Promise<boolean> =>
    maria.tile('Anna').evaluate((tile) => [...tile.querySelectorAll('div')].some((element) => getComputedStyle(element).backgroundImage.startsWith('url(')));
  await expect.poll(floats, { intervals: [50] }).toBe(true);
  await expect.poll(floats, { message: 'it goes by itself' }).toBe(false);
});

test('who is put into the spotlight is shown there', async ({ bench, ui }) => {
  const { anna, maria } = await guestInCall(bench, ui, { camera: true });
  await anna.run((id) => sdk.call.feature(sdk.module.Features.Spotlight).startSpotlight([sdk.common.createIdentifierFromRawId(id)]), anna.id);
  const mark = maria.tile('Anna').locator('[data-icon-name="VideoTileSpotlighted"]');
  const exit = maria.button('Exit spotlight');
  await expect(mark).toBeVisible();
  await expect(exit).toHaveCount(0);
  await anna.run((id) => sdk.call.feature(sdk.module.Features.Spotlight).startSpotlight([sdk.common.createIdentifierFromRawId(id)]), maria.id);
  await expect(exit).toBeVisible();
  await maria.picture('14-spotlight-desktop-light');
  await anna.run(() => sdk.call.feature(sdk.module.Features.Spotlight).stopAllSpotlight());
  await expect(mark).toHaveCount(0);
  await expect(exit).toHaveCount(0);
});

test('whom the organizer forbids microphone and camera cannot use them', async ({ bench, ui }) => {
  const { anna, maria } = await guestInCall(bench, ui, { camera: true, body: { allowedPresenters: 'organizer' } });
  const microphone = maria.at('call-composite-microphone-button').first();
  await expect(microphone).toBeEnabled();
  await anna.run((id) => sdk.call.feature(sdk.module.Features.MediaAccess).forbidAudio([sdk.common.createIdentifierFromRawId(id)]), maria.id);
  await expect(microphone).toBeDisabled();
  await anna.run((id) => sdk.call.feature(sdk.module.Features.MediaAccess).permitAudio([sdk.common.createIdentifierFromRawId(id)]), maria.id);
  await expect(microphone).toBeEnabled();
  // The camera while it is on: the others see it go, and it does not come back by itself.
  const camera = maria.at('call-composite-camera-button').first();
  await camera.click();
  await anna.decodes(maria.id, 'Video');
  await anna.run((id) => sdk.call.feature(sdk.module.Features.MediaAccess).forbidVideo([sdk.common.createIdentifierFromRawId(id)]), maria.id);
  await expect(camera).toBeDisabled();
  await anna.until((id) => sdk.participant(id)?.videoStreams.every(({ isAvailable }) => !isAvailable), maria.id);
  await expect(microphone).toBeEnabled();
  await anna.run((id) => sdk.call.feature(sdk.module.Features.MediaAccess).permitVideo([sdk.common.createIdentifierFromRawId(id)]), maria.id);
  await expect(camera).toBeEnabled();
  await camera.click();
  await anna.decodes(maria.id, 'Video');
});
