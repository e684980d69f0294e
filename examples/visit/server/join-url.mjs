/** What this application has to know of a join link: whose meeting it is, since it may only read meetings organizer by organizer. */

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Object id of the organizer whom a long join link names, or `undefined`.
 * @param {string} joinUrl
 */
export function organizerOf(joinUrl) {
  try {
    const url = new URL(joinUrl);
    if (!url.pathname.startsWith('/l/meetup-join/')) return undefined;
    const organizer = JSON.parse(url.searchParams.get('context') ?? '').Oid;
    return GUID.test(organizer) ? organizer : undefined;
  } catch {
    return undefined;
  }
}
