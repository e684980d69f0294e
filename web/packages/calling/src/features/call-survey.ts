// Survey: inert, the server does not keep answers yet. The answer is refused rather than lost in silence.
import type { CallSurvey, CallSurveyFeature, CallSurveyResponse } from '../public/types/features-meeting';
import { Feature } from './feature';

/** Surveys that cannot be submitted. */
export class CallSurveys extends Feature<Record<never, () => void>> implements CallSurveyFeature {
  readonly name = 'CallSurvey';

  submitSurvey(_survey: CallSurvey): Promise<CallSurveyResponse> {
    return this.refuse();
  }
}
