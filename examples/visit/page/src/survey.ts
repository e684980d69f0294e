/** What the clinic asks after a visit, and how the answer is said in the survey of the calling SDK. */
import type { CallSurvey } from '@azure/communication-calling';

export const STARS = [1, 2, 3, 4, 5] as const;
/** Up to here the clinic asks what went wrong. */
export const ASKS_WHY_UP_TO = 3;

/** What may have gone wrong, in the guest's words, and what it is called in the survey. */
export const ISSUES = {
  heardNothing: { text: 'I could not hear the clinic', area: 'audioRating', issue: 'NoRemoteAudio' },
  wasNotHeard: { text: 'The clinic could not hear me', area: 'audioRating', issue: 'NoLocalAudio' },
  sound: { text: 'The sound was distorted or broke off', area: 'audioRating', issue: 'DistortedSpeech' },
  sawNothing: { text: 'I could not see the clinic', area: 'videoRating', issue: 'NoVideoReceived' },
  picture: { text: 'The picture froze or was blurred', area: 'videoRating', issue: 'Freezes' },
  ended: { text: 'The visit broke off', area: 'overallRating', issue: 'CallEndedUnexpectedly' },
} as const;
export type Issue = keyof typeof ISSUES;

/** The answer as a survey. The stars are for the whole visit; an area of which something is said gets the same, since the clinic does not ask twice. */
export function surveyOf(score: number, ticked: ReadonlySet<Issue>): CallSurvey {
  const of = (area: (typeof ISSUES)[Issue]['area']): string[] =>
    score > ASKS_WHY_UP_TO ? [] : (Object.keys(ISSUES) as Issue[]).filter((name) => ticked.has(name) && ISSUES[name].area === area).map((name) => ISSUES[name].issue);
  const rating = (issues: string[]): { score: number; issues?: string[] } => (issues.length === 0 ? { score } : { score, issues });
  const [overall, audio, video] = [of('overallRating'), of('audioRating'), of('videoRating')];
  return {
    overallRating: rating(overall),
    ...(audio.length === 0 ? {} : { audioRating: rating(audio) }),
    ...(video.length === 0 ? {} : { videoRating: rating(video) }),
  } as CallSurvey;
}
