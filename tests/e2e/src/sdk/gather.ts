/** The scene of several files: who organizes and two guests, in one meeting. */
import type { Bench, BenchMeeting, Person } from './bench.js';

/** The organizer and two guests in an open meeting, all having met. */
export async function gather(bench: Bench, how: { camera?: boolean; muted?: boolean } = {}): Promise<{ meeting: BenchMeeting; anna: Person; maria: Person; jose: Person }> {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  const jose = await bench.person({ kind: 'guest', name: 'José' });
  await anna.enters(meeting.byLink, { muted: how.muted ?? false });
  await maria.enters(meeting.byLink, how);
  await jose.enters(meeting.byLink, { muted: how.muted ?? false });
  for (const person of [anna, maria, jose]) for (const other of [anna, maria, jose]) if (other !== person) await person.meets(other);
  return { meeting, anna, maria, jose };
}
