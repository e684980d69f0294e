/** The composite of the UI library in the clinic's looks: device check, waiting room, call. Says when and how the call ended; the clinic's own page follows. */
import { CallComposite, CallWithChatComposite } from '@azure/communication-react';
import type { CallAdapterState } from '@azure/communication-react';
import { useEffect, useRef, useState } from 'react';
import type { ReactElement } from 'react';

import { BRANDING, LOCALE, THEMES } from './clinic';
import type { EndReason } from './end-text';
import { useMedia } from './media';
import type { Visit } from './visit';

export interface Ending {
  reason: EndReason | undefined;
  /** Whether the guest was let in. */
  wasIn: boolean;
}

/** The pages with which the composite would let somebody go. */
const LAST_PAGES: ReadonlySet<CallAdapterState['page']> = new Set(['leftCall', 'removedFromCall', 'accessDeniedTeamsMeeting', 'joinCallFailedDueToNoNetwork', 'badRequest']);

export function Call({ visit, onEnd }: { visit: Visit; onEnd: (ending: Ending) => void }): ReactElement {
  const dark = useMedia('(prefers-color-scheme: dark)');
  const narrow = useMedia('(max-width: 40rem)');
  // The library does not look at this capability by itself: the button is hidden where the organisation keeps hands for members.
  const [mayRaiseHand, setMayRaiseHand] = useState(false);
  // Who joins again comes from one of the last pages; it counts only once the call has begun.
  const progress = useRef({ begun: false, wasIn: false });

  useEffect(() => {
    const { adapter } = visit;
    const seen = (state: Pick<CallAdapterState, 'page' | 'call' | 'endedCall'>): void => {
      setMayRaiseHand(state.call?.capabilitiesFeature?.capabilities.raiseHand.isPresent === true);
      const now = progress.current;
      if (!LAST_PAGES.has(state.page)) now.begun = true;
      if (state.page === 'call') now.wasIn = true;
      if (!now.begun || !LAST_PAGES.has(state.page)) return;
      now.begun = false;
      onEnd({ reason: state.endedCall?.callEndReason, wasIn: now.wasIn });
    };
    adapter.onStateChange(seen);
    return () => {
      adapter.offStateChange(seen);
    };
  }, [visit, onEnd]);

  const look = { fluentTheme: dark ? THEMES.dark : THEMES.light, locale: LOCALE, formFactor: narrow ? ('mobile' as const) : ('desktop' as const) };
  const options = { callControls: { raiseHandButton: mayRaiseHand }, surveyOptions: { disableSurvey: true }, branding: BRANDING };
  return (
    <div className="composite" data-testid="visit-composite">
      {visit.kind === 'chat' ? <CallWithChatComposite adapter={visit.adapter} options={options} {...look} /> : <CallComposite adapter={visit.adapter} options={options} {...look} />}
    </div>
  );
}
