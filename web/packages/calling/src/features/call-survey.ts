// Survey: how the call was, kept by the server. Also after the call has ended, as long as its agent is there.
//
// Owns: the rules of scores and the translation to the wire. Not here: which issues there are (types, and the server, which looks again).
import { failure } from '../core/errors';
import type { CallSurvey, CallSurveyFeature, CallSurveyRating, CallSurveyResponse } from '../public/types/features-meeting';
import type { SurveyRating } from '../wire';
import { Feature } from './feature';

const SUBJECTS = [
  ['overallRating', 'overall'],
  ['audioRating', 'audio'],
  ['videoRating', 'video'],
  ['screenshareRating', 'screenshare'],
] as const;
/** Scores go from 1 to 5, and up to 3 they are low, unless the application says otherwise. */
const SCALE = { lowerBound: 1, upperBound: 5, lowScoreThreshold: 3 };
const HIGHEST = 100;

function within(value: number, lower: number, upper: number): boolean {
  return Number.isInteger(value) && value >= lower && value <= upper;
}

function toWire(subject: string, rating: CallSurveyRating): SurveyRating {
  const { lowerBound, upperBound, lowScoreThreshold } = { ...SCALE, ...rating.scale };
  const goesUp = within(lowerBound, 0, HIGHEST) && within(upperBound, 0, HIGHEST) && lowerBound < upperBound;
  if (!goesUp) throw failure('surveyInvalid', `the scale of ${subject} goes upwards and lies between 0 and 100`);
  for (const value of [rating.score, lowScoreThreshold]) {
    if (!within(value, lowerBound, upperBound)) throw failure('surveyInvalid', `score and threshold of ${subject} lie between ${String(lowerBound)} and ${String(upperBound)}`);
  }
  const issues = [...new Set<string>(rating.issues ?? [])];
  return { subject, score: rating.score, lower: lowerBound, upper: upperBound, lowThreshold: lowScoreThreshold, issues };
}

function ratingsOf(survey: CallSurvey): SurveyRating[] {
  const ratings = SUBJECTS.flatMap(([member, subject]) => {
    const rating = survey[member];
    return rating === undefined ? [] : [toWire(subject, rating)];
  });
  if (ratings.length === 0) throw failure('surveyInvalid', 'at least one part of the call is rated');
  return ratings;
}

/** Surveys of one call. A second one takes the place of the first. */
export class CallSurveys extends Feature<Record<never, () => void>> implements CallSurveyFeature {
  readonly name = 'CallSurvey';

  async submitSurvey(survey: CallSurvey): Promise<CallSurveyResponse> {
    const ratings = ratingsOf(survey);
    const session = this.context.endpointId;
    if (session === '') throw failure('surveyWithoutCall');
    const reply = await this.context.ask({ type: 'submitSurvey', session, ratings });
    if (reply.type !== 'survey') throw failure('protocol', 'a survey was answered with something else');
    return { ...survey, id: reply.id, callId: this.context.callId, localParticipantId: session };
  }
}
