import { expect, test } from 'vitest';

import { surveyOf } from '../page/src/survey.js';

test('stars alone rate the whole visit and nothing else', () => {
  expect(surveyOf(5, new Set())).toEqual({ overallRating: { score: 5 } });
});

test('what went wrong is named in its area', () => {
  expect(surveyOf(2, new Set(['picture', 'heardNothing', 'ended']))).toEqual({
    overallRating: { score: 2, issues: ['CallEndedUnexpectedly'] },
    audioRating: { score: 2, issues: ['NoRemoteAudio'] },
    videoRating: { score: 2, issues: ['Freezes'] },
  });
});

test('what was ticked before the stars were raised is not sent', () => {
  expect(surveyOf(4, new Set(['picture']))).toEqual({ overallRating: { score: 4 } });
});
