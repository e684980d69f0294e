/** Captions in the published UI library: a guest switches them on and reads what another browser says. */
import { SENTENCE, spoken } from '../sdk/voice.js';
import { expect, guestInCall, test } from './stage.js';

test('a guest switches captions on, reads what somebody says, and switches them off', async ({ bench, house, ui }) => {
  const { maria } = await guestInCall(bench, ui, { audioFile: spoken(house.dir) });
  const toggle = async (): Promise<void> => {
    await maria.at('common-call-composite-more-button').first().click();
    await maria.page.locator('#common-call-composite-captions-button').click();
    await maria.page.locator('#common-call-composite-captions-toggle-button').click();
  };
  await toggle();
  const banner = maria.at('captions-banner');
  await expect(banner).toBeVisible();
  await expect(banner.getByText('Anna').first()).toBeVisible();
  await expect(banner).toContainText(new RegExp(SENTENCE.split(' ').filter((word) => word.length > 3).join('|')));
  await maria.picture('15-captions-desktop-light');
  await toggle();
  await expect(banner).toHaveCount(0);
});
