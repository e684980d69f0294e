/**
 * The steps of a visit: the clinic's own first page, the composite of the UI library (device check, waiting room, call with chat), the clinic's own
 * last page with its survey.
 *
 * One adapter lives from "Continue" until the page is left: the survey is handed in through it after the call, and who joins again goes on with it.
 */
import type { CallSurvey } from '@azure/communication-calling';
import { useCallback, useEffect, useState } from 'react';
import type { ReactElement } from 'react';

import { lookUp } from './api';
import type { VisitInfo, VisitKey } from './api';
import { Call } from './call';
import type { Ending } from './call';
import { Ended } from './ended';
import { endText } from './end-text';
import { Notice, Page } from './page';
import { prepare } from './visit';
import type { Visit } from './visit';
import { Welcome } from './welcome';

type Step =
  | { at: 'looking' }
  | { at: 'problem'; text: string }
  | { at: 'welcome' }
  | { at: 'preparing' }
  | { at: 'call' }
  /** Nothing could be prepared: there is no call to say anything about. */
  | { at: 'failed'; text: string }
  | { at: 'ended'; ending: Ending };

const NO_KEY = 'This address names no visit. Please use the link that the clinic sent you.';

export function App({ visitKey }: { visitKey: VisitKey | undefined }): ReactElement {
  const [step, setStep] = useState<Step>(visitKey === undefined ? { at: 'problem', text: NO_KEY } : { at: 'looking' });
  const [info, setInfo] = useState<VisitInfo>();
  const [visit, setVisit] = useState<Visit>();

  useEffect(() => {
    if (visitKey === undefined) return;
    lookUp(visitKey).then(
      (found) => {
        setInfo(found);
        setStep({ at: 'welcome' });
      },
      (error: unknown) => {
        setStep({ at: 'problem', text: sentence(error) });
      },
    );
  }, [visitKey]);

  const start = async (name: string): Promise<void> => {
    if (visitKey === undefined) return;
    setStep({ at: 'preparing' });
    try {
      setVisit(await prepare(visitKey, name));
      setStep({ at: 'call' });
    } catch (error) {
      setStep({ at: 'failed', text: sentence(error) });
    }
  };
  const ended = useCallback((ending: Ending) => {
    setStep({ at: 'ended', ending });
  }, []);

  if (step.at === 'call' && visit !== undefined) return <Call visit={visit} onEnd={ended} />;
  return (
    <Page start={info?.start ?? null}>
      {step.at === 'looking' && <Notice>Looking up your visit…</Notice>}
      {step.at === 'problem' && <Notice title="We could not open this visit" testId="visit-problem">{step.text}</Notice>}
      {step.at === 'welcome' && <Welcome title={info?.title ?? 'Your video visit'} onContinue={(name) => void start(name)} />}
      {step.at === 'preparing' && <Notice title="Connecting…" testId="visit-connecting" pulse />}
      {step.at === 'failed' && (
        <Ended
          title="You could not join"
          reason={step.text}
          again="Try again"
          onAgain={() => {
            setStep({ at: 'welcome' });
          }}
        />
      )}
      {step.at === 'ended' && visit !== undefined && (
        <Ended
          {...endText(step.ending.reason)}
          again={step.ending.wasIn ? 'Join again' : 'Try again'}
          onAgain={() => {
            setStep({ at: 'call' });
            visit.adapter.joinCall({ microphoneOn: 'keep', cameraOn: 'keep' });
          }}
          {...(step.ending.wasIn ? { onSurvey: (survey) => handIn(visit, survey) } : {})}
        />
      )}
    </Page>
  );
}

/** Hands the survey in; the adapter answers with nothing when it knows no call any more, and then nothing was kept. */
async function handIn(visit: Visit, survey: CallSurvey): Promise<void> {
  if ((await visit.adapter.submitSurvey(survey)) === undefined) throw new Error('the call is not known any more');
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
