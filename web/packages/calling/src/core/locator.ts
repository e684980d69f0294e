// Public locators to the wire's. Pure.
import type { JoinLocator } from '../public/types/locators';
import type { Locator } from '../wire';

function text(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** Translates a locator, or gives nothing when it names nothing. */
export function toWireLocator(locator: JoinLocator): Locator | undefined {
  const given: Record<string, unknown> = { ...locator };
  if (text(given['meetingLink'])) return { type: 'link', link: given['meetingLink'].trim() };
  if (text(given['meetingId'])) {
    return { type: 'meetingId', meetingId: given['meetingId'], passcode: text(given['passcode']) ? given['passcode'] : null };
  }
  const { threadId, organizerId, tenantId, messageId } = given;
  if (text(threadId) && text(organizerId) && text(tenantId)) {
    return { type: 'coordinates', threadId, organizerId, tenantId, messageId: text(messageId) ? messageId : '0' };
  }
  if (text(given['roomId'])) return { type: 'room', roomId: given['roomId'] };
  if (text(given['groupId'])) return { type: 'group', groupId: given['groupId'] };
  return undefined;
}

/** Whether the locator names a meeting (with lobby, lock and roles), or a breakout room of one, rather than a group or a room. */
export function isMeeting(locator: Locator): boolean {
  return locator.type === 'link' || locator.type === 'meetingId' || locator.type === 'coordinates' || locator.type === 'breakout';
}
