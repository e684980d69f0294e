// Mounts a composite of the published UI library, unmodified, as the address of the page asks.
import { AzureCommunicationTokenCredential, createIdentifierFromRawId } from '@azure/communication-common';
import type { CommunicationUserIdentifier, MicrosoftTeamsUserIdentifier } from '@azure/communication-common';
import {
  CallComposite,
  CallWithChatComposite,
  createAzureCommunicationCallAdapter,
  createAzureCommunicationCallWithChatAdapter,
  createTeamsCallAdapter,
  darkTheme,
  lightTheme,
} from '@azure/communication-react';
import type { CommonCallAdapter, CallWithChatAdapter } from '@azure/communication-react';
import { registerIcons } from '@fluentui/react';
import { createRoot } from 'react-dom/client';
import type { ReactElement } from 'react';

import { REACTIONS } from './reactions';
import { StrictPage } from './strict';
import { wishOf } from './wish';
import type { Wish } from './wish';

declare global {
  interface Window {
    /** For tests: the adapter, once it is made. */
    harness?: { adapter: CommonCallAdapter | CallWithChatAdapter; dispose: () => void };
  }
}

// The component library takes some glyphs from a font on a public host; an application that stays on its own hosts registers pictures of its own.
registerIcons({
  icons: {
    ChevronDown: (
      <svg viewBox="0 0 16 16" width="12" height="12" fill="none" stroke="currentColor" strokeWidth="1.5">
        <path d="m3 6 5 5 5-5" />
      </svg>
    ),
  },
});

async function mount(wish: Wish): Promise<void> {
  const element = document.querySelector('#root');
  if (element === null) throw new Error('the page has no #root');
  const root = createRoot(element);
  if (wish.strict !== undefined) {
    root.render(<StrictPage wish={wish} />);
    return;
  }
  const { adapter, composite } = await make(wish);
  root.render(composite);
  window.harness = {
    adapter,
    dispose: () => {
      root.unmount();
      adapter.dispose();
    },
  };
}

async function make(wish: Wish): Promise<{ adapter: CommonCallAdapter | CallWithChatAdapter; composite: ReactElement }> {
  const credential = new AzureCommunicationTokenCredential(wish.token);
  const { displayName, locator, endpoint, threadId } = wish;
  const options = { reactionResources: REACTIONS };
  const look = { fluentTheme: wish.dark ? darkTheme : lightTheme, formFactor: wish.mobile ? ('mobile' as const) : ('desktop' as const) };
  if (wish.composite === 'teams') {
    if (!('meetingLink' in locator || 'meetingId' in locator)) throw new Error('a member joins meetings');
    const userId = createIdentifierFromRawId(wish.userId) as MicrosoftTeamsUserIdentifier;
    const adapter = await createTeamsCallAdapter({ userId, credential, locator, options: { reactionResources: REACTIONS } });
    // Who may end the meeting for everyone is asked which of both is meant.
    const controls = { callControls: { endCallButton: { hangUpForEveryone: 'endCallOptions' as const } } };
    return { adapter, composite: <CallComposite adapter={adapter} options={controls} {...look} /> };
  }
  const userId = createIdentifierFromRawId(wish.userId) as CommunicationUserIdentifier;
  if (wish.composite === 'call') {
    const adapter = await createAzureCommunicationCallAdapter({ userId, displayName, credential, locator, options });
    return { adapter, composite: <CallComposite adapter={adapter} {...look} /> };
  }
  const both = threadId !== undefined ? { callLocator: locator, chatThreadId: threadId } : locator;
  const adapter = await createAzureCommunicationCallWithChatAdapter({ endpoint, userId, displayName, credential, locator: both as never, callAdapterOptions: options });
  return { adapter, composite: <CallWithChatComposite adapter={adapter} {...look} /> };
}

const wish = wishOf(location.hash);
document.body.style.background = wish.dark ? '#1b1a19' : '#fff';
// A failure is an unhandled rejection, which the test sees as an error of the page.
void mount(wish);
