/** The frame of the clinic's own pages, and short notices in it. */
import { useEffect, useRef } from 'react';
import type { ReactElement, ReactNode } from 'react';

import { NAME } from './clinic';

export function Page({ start, children }: { start: string | null; children: ReactNode }): ReactElement {
  return (
    <div className="page">
      <header className="top">
        <img src="/mark.svg" alt="" width="36" height="36" />
        <div>
          <p className="clinic">{NAME}</p>
          <p className="when">{start === null ? 'Video visits' : when(new Date(start))}</p>
        </div>
      </header>
      <main>{children}</main>
      <footer className="quiet small">{NAME} is an example application. It joins meetings of its organisation through Anteroom.</footer>
    </div>
  );
}

export function Notice({ title, testId, pulse = false, children }: { title?: string; testId?: string; pulse?: boolean; children?: ReactNode }): ReactElement {
  return (
    <section className="card centred" data-testid={testId} role="status">
      {pulse && <div className="pulse" aria-hidden="true" />}
      {title !== undefined && <Title>{title}</Title>}
      <p className="quiet">{children}</p>
    </section>
  );
}

/** The heading of a page that has just come: it gets the focus, so that people who do not see it hear where they are. */
export function Title({ children }: { children: ReactNode }): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

function when(start: Date): string {
  return new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' }).format(start);
}
