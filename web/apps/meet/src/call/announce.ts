import type { CallView, Person } from "./view";

/** Sentences for a screen reader about what changed between two views. Nothing is said about the state that one comes into. */
export function announcements(before: CallView, after: CallView): string[] {
  if (after.phase !== before.phase) {
    return phaseSentence(after);
  }
  if (after.phase !== "connected") {
    return [];
  }
  const said: string[] = [];
  const known = byId(before.people);
  const present = byId(after.people);
  said.push(...list(after.people.filter(({ id }) => !known.has(id)), "joined"));
  said.push(...list(before.people.filter(({ id }) => !present.has(id)), "left"));
  const waited = new Set(before.lobby.map(({ id }) => id));
  said.push(...after.lobby.filter(({ id }) => !waited.has(id)).map(({ name }) => `${name} is waiting in the lobby.`));
  for (const person of after.people) {
    const earlier = known.get(person.id);
    if (person.hand !== undefined && earlier !== undefined && earlier.hand === undefined) {
      said.push(`${person.name} raised a hand.`);
    }
    if (person.screen !== undefined && earlier?.screen === undefined) {
      said.push(`${person.name} is sharing a screen.`);
    }
  }
  if (after.locked !== before.locked) {
    said.push(after.locked ? "The meeting is locked." : "The meeting is unlocked.");
  }
  said.push(...recordingSentences(before, after));
  if (after.captions.on !== before.captions.on) {
    said.push(after.captions.on ? "Captions are on." : "Captions are off.");
  }
  if (after.own.spotlight !== undefined && before.own.spotlight === undefined) {
    said.push("You are in the spotlight: everybody sees you large.");
  }
  if (after.breakout.assigned?.open === true && before.breakout.assigned?.open !== true) {
    said.push(`The room ${after.breakout.assigned.name} is open for you.`);
  }
  if (after.own.muted !== before.own.muted) {
    said.push(after.own.muted ? "Your microphone is off." : "Your microphone is on.");
  }
  if (after.reconnecting !== before.reconnecting) {
    said.push(after.reconnecting ? "The connection is lost. Reconnecting." : "The connection is back.");
  }
  return said;
}

function recordingSentences(before: CallView, after: CallView): string[] {
  const said: string[] = [];
  if (after.recording !== before.recording) {
    said.push(after.recording ? "The meeting is being recorded." : "The recording has ended.");
  }
  if (after.transcribing !== before.transcribing) {
    said.push(after.transcribing ? "What is said is being written down." : "The transcription has ended.");
  }
  return said;
}

function phaseSentence(view: CallView): string[] {
  switch (view.phase) {
    case "lobby":
      return ["You are in the lobby. Somebody will let you in."];
    case "connected":
      return [`${view.breakout.inRoom ? `You are in the room ${view.subject}.` : "You are in the meeting."} ${countSentence(view.people.length)}`];
    case "connecting":
    case "ended":
      return [];
  }
}

function countSentence(others: number): string {
  return others === 0 ? "Nobody else is here." : others === 1 ? "One other person is here." : `${String(others)} others are here.`;
}

function list(people: Person[], verb: string): string[] {
  // A crowd is counted, not read out.
  return people.length > 3 ? [`${String(people.length)} people ${verb}.`] : people.map(({ name }) => `${name} ${verb}.`);
}

function byId(people: readonly Person[]): Map<string, Person> {
  return new Map(people.map((person) => [person.id, person]));
}
