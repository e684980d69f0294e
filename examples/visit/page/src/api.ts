/** What the page asks of the clinic's own backend. Tokens live in this page's memory and nowhere else. */

/** What the clinic tells about a visit before anybody joins. */
export interface VisitInfo {
  title: string;
  start: string | null;
}

/** What a guest needs to join. */
export interface VisitTicket extends VisitInfo {
  /** Communication identity of the guest. */
  userId: string;
  token: string;
  joinUrl: string;
  /** Address of the organisation's communication service, for the chat. */
  endpoint: string;
}

/** How the address of this page names the meeting. */
export type VisitKey = Record<'meeting', string> | Record<'organizer' | 'id', string>;

/** Reads the address; nothing when it names no visit. */
export function keyOf(query: URLSearchParams): VisitKey | undefined {
  const meeting = query.get('meeting');
  if (meeting) return { meeting };
  const organizer = query.get('organizer');
  const id = query.get('id');
  return organizer && id ? { organizer, id } : undefined;
}

export function lookUp(key: VisitKey): Promise<VisitInfo> {
  return ask<VisitInfo>(`/api/visit?${new URLSearchParams(key).toString()}`);
}

export function ticket(key: VisitKey): Promise<VisitTicket> {
  return ask<VisitTicket>('/api/visit', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(key),
  });
}

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new Error('The clinic cannot be reached. Please check your connection.');
  }
  const answer = (await response.json().catch(() => ({}))) as { error?: { message?: string } };
  if (!response.ok) throw new Error(answer.error?.message ?? 'The clinic could not answer. Please try again in a moment.');
  return answer as T;
}
