/** Every page of the published UI library as a person sees it, on a desktop and on a phone, light and dark; saved for people to look at. */
import type { UiPerson, UiWish } from './stage.js';
import { expect, test } from './stage.js';

const LOOKS: Record<string, Pick<UiWish, 'dark' | 'mobile'>> = {
  'desktop-light': {},
  'desktop-dark': { dark: true },
  'phone-light': { mobile: true },
  'phone-dark': { dark: true, mobile: true },
};

const save = (person: UiPerson, page: string, look: string): Promise<void> => person.picture(`${page}-${look}`);

for (const [look, wish] of Object.entries(LOOKS)) {
  test(`from the first page to the last: ${look}`, async ({ bench, ui }) => {
    const meeting = await bench.meeting({ subject: 'Follow-up' });
    const anna = await bench.person({ kind: 'member', member: 0 });
    await anna.enters(meeting.byLink, { camera: true });
    const ben = await bench.person({ kind: 'member', member: 1 });
    await ben.enters(meeting.byLink);
    const maria = await ui.person({ composite: 'callWithChat', locator: meeting.byLink, name: 'Maria', ...wish });
    await save(maria, '1-configuration', look);
    await maria.cameraOn();
    await maria.moves(maria.at('call-composite-local-preview'));
    await save(maria, '2-configuration-camera', look);
    await maria.starts();
    await maria.on('lobby');
    await expect(maria.at('lobbyScreenTitle')).toBeVisible();
    await save(maria, '3-lobby', look);
    await anna.admits(maria);
    await maria.on('call');
    await maria.moves(maria.tile('Anna'));
    await ben.run(() => sdk.call.feature(sdk.module.Features.RaiseHand).raiseHand());
    await maria.page.waitForFunction((id) => state()?.call?.remoteParticipants[id]?.raisedHand !== undefined, ben.id, { polling: 50 });
    await save(maria, '4-call', look);
    await anna.run(() => sdk.call.startScreenSharing());
    // Anna's camera, her screen, the own camera.
    const moving = (): Promise<number> =>
      maria.at('call-page').evaluate((page) => [...page.querySelectorAll('video')].filter((video) => video.getVideoPlaybackQuality().totalVideoFrames > 5).length);
    await expect.poll(moving, { timeout: 60_000 }).toBeGreaterThan(2);
    await save(maria, '5-share', look);
    if (wish.mobile !== true) {
      await maria.at('call-with-chat-composite-chat-button').click();
      const box = maria.page.getByPlaceholder('Enter a message');
      await box.fill('Good morning');
      await box.press('Enter');
      await expect(maria.page.getByLabel(/Good morning/).first()).toBeVisible();
      await save(maria, '6-chat', look);
      await maria.at('common-call-composite-people-button').click();
      await expect(maria.at('people-pane-content')).toBeVisible();
      await save(maria, '7-people', look);
    }
    await anna.leave({ forEveryone: true });
    await maria.on('leftCall');
    await expect(maria.page.getByText('How was the quality of the call?')).toBeVisible();
    await save(maria, '8-survey', look);
    await maria.button('Skip').click();
    await expect(maria.at('left-call-page').first()).toBeVisible();
    await save(maria, '9-left', look);
  });

  test(`turned away, removed, refused: ${look}`, async ({ bench, ui }) => {
    const meeting = await bench.meeting();
    const anna = await bench.person({ kind: 'member', member: 0 });
    await anna.enters(meeting.byLink);
    const maria = await ui.person({ locator: meeting.byLink, name: 'Maria', refused: true, ...wish });
    await maria.starts();
    await maria.on('lobby');
    await anna.until((id) => sdk.call.lobby.participants.some(({ identifier }) => sdk.common.getIdentifierRawId(identifier) === id), maria.id);
    await anna.run((id) => sdk.call.lobby.reject(sdk.common.createIdentifierFromRawId(id)), maria.id);
    await maria.on('accessDeniedTeamsMeeting');
    await save(maria, '10-turned-away', look);
    const vera = await ui.person({ locator: meeting.byLink, name: 'Vera', refused: true, ...wish });
    await vera.starts();
    await anna.admits(vera);
    await vera.on('call');
    await anna.meets(vera);
    await anna.run((id) => sdk.call.removeParticipant(sdk.common.createIdentifierFromRawId(id) as never), vera.id);
    await vera.on('removedFromCall');
    await save(vera, '11-removed', look);
    const jose = await ui.person({ locator: { ...meeting.byId, passcode: 'wrong' }, name: 'José', refused: true, ...wish });
    await jose.starts();
    await jose.on('badRequest');
    await save(jose, '12-wrong-passcode', look);
  });
}
