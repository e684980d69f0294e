/** The survey: stars, what went wrong when it was not good, and thanks. */
import type { CallSurvey } from '@azure/communication-calling';
import { useState } from 'react';
import type { ReactElement } from 'react';

import { ASKS_WHY_UP_TO, ISSUES, STARS, surveyOf } from './survey';
import type { Issue } from './survey';

export function SurveyForm({ onSend }: { onSend: (survey: CallSurvey) => Promise<void> }): ReactElement {
  const [score, setScore] = useState(0);
  const [ticked, setTicked] = useState<ReadonlySet<Issue>>(new Set());
  const [state, setState] = useState<'open' | 'sending' | 'failed' | 'sent'>('open');

  const send = async (): Promise<void> => {
    setState('sending');
    try {
      await onSend(surveyOf(score, ticked));
      setState('sent');
    } catch {
      setState('failed');
    }
  };
  const tick = (issue: Issue, on: boolean): void => {
    const next = new Set(ticked);
    if (on) next.add(issue);
    else next.delete(issue);
    setTicked(next);
  };

  if (state === 'sent') {
    return (
      <section className="card centred" data-testid="visit-thanks" role="status">
        <h2>Thank you</h2>
        <p className="quiet">The clinic reads what you said. You can close this page.</p>
      </section>
    );
  }
  return (
    <form
      className="card survey"
      data-testid="visit-survey"
      onSubmit={(event) => {
        event.preventDefault();
        if (score > 0) void send();
      }}
    >
      <h2>How was your visit?</h2>
      <fieldset>
        <legend className="aside">Stars, from 1 to 5</legend>
        <div className="stars">
          {STARS.map((star) => (
            <label key={star} className={star <= score ? 'on' : ''} data-testid={`visit-star-${String(star)}`}>
              <input
                type="radio"
                name="stars"
                value={star}
                checked={star === score}
                aria-label={`${String(star)} of 5 stars`}
                onChange={() => {
                  setScore(star);
                }}
              />
              <span aria-hidden="true">★</span>
            </label>
          ))}
        </div>
      </fieldset>
      {score > 0 && score <= ASKS_WHY_UP_TO && (
        <fieldset className="issues">
          <legend>What went wrong?</legend>
          {(Object.keys(ISSUES) as Issue[]).map((issue) => (
            <label key={issue}>
              <input
                type="checkbox"
                data-testid={`visit-issue-${issue}`}
                checked={ticked.has(issue)}
                onChange={(event) => {
                  tick(issue, event.target.checked);
                }}
              />
              {ISSUES[issue].text}
            </label>
          ))}
        </fieldset>
      )}
      {state === 'failed' && (
        <p className="wrong" role="alert">
          Your answer could not be sent. Please try again.
        </p>
      )}
      <button className="primary" type="submit" data-testid="visit-send-survey" disabled={score === 0 || state === 'sending'}>
        Send
      </button>
    </form>
  );
}
