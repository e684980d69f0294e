/** The clinic's last page: how the visit ended, a way back, and the survey for those who were in. */
import type { CallSurvey } from '@azure/communication-calling';
import type { ReactElement } from 'react';

import { Title } from './page';
import { SurveyForm } from './survey-form';

export interface EndedProps {
  title: string;
  reason: string;
  again: string;
  onAgain: () => void;
  /** Hands the survey in; without it none is asked for. */
  onSurvey?: (survey: CallSurvey) => Promise<void>;
}

export function Ended({ title, reason, again, onAgain, onSurvey }: EndedProps): ReactElement {
  return (
    <>
      <section className="card centred" data-testid="visit-ended">
        <Title>{title}</Title>
        <p data-testid="visit-reason">{reason}</p>
        <button className="plain" type="button" data-testid="visit-again" onClick={onAgain}>
          {again}
        </button>
      </section>
      {onSurvey !== undefined && <SurveyForm onSend={onSurvey} />}
    </>
  );
}
