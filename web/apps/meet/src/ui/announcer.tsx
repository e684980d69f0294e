import { makeStyles } from "@fluentui/react-components";
import { createContext, use, useCallback, useState, type ReactNode } from "react";

const useStyles = makeStyles({
  hidden: {
    position: "absolute",
    width: "1px",
    height: "1px",
    overflow: "hidden",
    clipPath: "inset(50%)",
    whiteSpace: "nowrap",
  },
});

const AnnounceContext = createContext<(sentence: string) => void>(() => undefined);

/** Says a sentence to screen readers, politely, without showing it. */
export function useAnnounce(): (sentence: string) => void {
  return use(AnnounceContext);
}

/** Holds the live region. The last few sentences stay in it, so that two that come together are both read. */
export function Announcer({ children }: { children: ReactNode }) {
  const styles = useStyles();
  const [lines, setLines] = useState<{ id: number; text: string }[]>([]);
  const announce = useCallback((text: string) => {
    setLines((before) => [...before.slice(-4), { id: (before.at(-1)?.id ?? 0) + 1, text }]);
  }, []);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div className={styles.hidden} role="log" aria-live="polite" aria-relevant="additions" data-testid="announcements">
        {lines.map((line) => (
          <div key={line.id}>{line.text}</div>
        ))}
      </div>
    </AnnounceContext>
  );
}
