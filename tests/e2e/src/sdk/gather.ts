/** The scene of several files: who organizes and two guests, in one meeting. */
import type { Bench, BenchMeeting, Person } from './bench.js';

export interface Cast {
  readonly meeting: BenchMeeting;
  /** Organizes. */
  readonly anna: Person;
  /** A guest. */
  readonly maria: Person;
  /** Another guest. */
  readonly jose: Person;
}

/** The organizer and two guests in an open meeting, all having met. `how` is Maria's; the others have no camera, and are muted as she is unless `othersMuted` says. */
export async function gather(bench: Bench, { othersMuted, ...how }: { camera?: boolean; muted?: boolean; othersMuted?: boolean } = {}): Promise<Cast> {
  const muted = othersMuted ?? how.muted ?? false;
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  const jose = await bench.person({ kind: 'guest', name: 'José' });
  await anna.enters(meeting.byLink, { muted });
  await maria.enters(meeting.byLink, how);
  await jose.enters(meeting.byLink, { muted });
  for (const person of [anna, maria, jose]) for (const other of [anna, maria, jose]) if (other !== person) await person.meets(other);
  return { meeting, anna, maria, jose };
}
