// The composite in React's strict mode, which mounts everything twice: what a first mounting made is let go, and the second goes on.
import { AzureCommunicationTokenCredential, createIdentifierFromRawId } from '@azure/communication-common';
import type { CommunicationUserIdentifier } from '@azure/communication-common';
import { CallComposite, createAzureCommunicationCallAdapter, useAzureCommunicationCallAdapter } from '@azure/communication-react';
import type { AzureCommunicationCallAdapterArgs, CallAdapter } from '@azure/communication-react';
import { StrictMode, useEffect, useState } from 'react';
import type { ReactElement } from 'react';

import type { Wish } from './wish';

/** The library's way. */
function ByHook({ args }: { args: AzureCommunicationCallAdapterArgs }): ReactElement | null {
  return <Shown adapter={useAzureCommunicationCallAdapter(args)} />;
}

/** An application's way: two adapters of one identity are made at once, and one of them is let go before or after it is ready. */
function ByEffect({ args }: { args: AzureCommunicationCallAdapterArgs }): ReactElement | null {
  const [adapter, setAdapter] = useState<CallAdapter>();
  useEffect(() => {
    let isOver = false;
    const making = createAzureCommunicationCallAdapter(args);
    void making.then((made) => {
      if (!isOver) setAdapter(made);
    });
    return () => {
      isOver = true;
      void making.then((made) => made.dispose());
    };
  }, [args]);
  return <Shown adapter={adapter} />;
}

function Shown({ adapter }: { adapter: CallAdapter | undefined }): ReactElement | null {
  useEffect(() => {
    if (adapter !== undefined) window.harness = { adapter, dispose: () => undefined };
  }, [adapter]);
  return adapter === undefined ? null : <CallComposite adapter={adapter} />;
}

export function StrictPage({ wish }: { wish: Wish }): ReactElement {
  // The same at every render, as the library asks.
  const [args] = useState<AzureCommunicationCallAdapterArgs>(() => ({
    userId: createIdentifierFromRawId(wish.userId) as CommunicationUserIdentifier,
    displayName: wish.displayName,
    credential: new AzureCommunicationTokenCredential(wish.token),
    locator: wish.locator,
  }));
  return <StrictMode>{wish.strict === 'hook' ? <ByHook args={args} /> : <ByEffect args={args} />}</StrictMode>;
}
