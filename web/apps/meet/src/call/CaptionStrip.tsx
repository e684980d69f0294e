import { makeStyles } from "@fluentui/react-components";
import { useStore } from "../base/use-store";
import type { CallModel } from "./call-model";

const useStyles = makeStyles({
  strip: {
    flexShrink: 0,
    boxSizing: "border-box",
    height: "104px",
    marginTop: "8px",
    padding: "10px 18px",
    borderRadius: "12px",
    backgroundColor: "rgba(10, 16, 15, 0.92)",
    color: "#fff",
    display: "flex",
    flexDirection: "column",
    justifyContent: "flex-end",
    gap: "2px",
    overflow: "hidden",
    fontSize: "17px",
    lineHeight: "26px",
    "@media (max-width: 640px)": { fontSize: "15px", lineHeight: "22px", padding: "8px 12px", height: "92px" },
  },
  line: { maxWidth: "900px", width: "100%", marginInline: "auto", overflowWrap: "anywhere" },
  name: { color: "#8fd9cd", fontWeight: 600, marginRight: "8px" },
  partial: { color: "rgba(255, 255, 255, 0.82)" },
  waiting: { color: "rgba(255, 255, 255, 0.75)", maxWidth: "900px", width: "100%", marginInline: "auto" },
});

/** The last words of the meeting, below the stage. Not announced: whoever hears a screen reader hears the meeting too. */
export function CaptionStrip({ call }: { call: CallModel }) {
  const styles = useStyles();
  const lines = useStore(call.captions.lines);
  return (
    <section className={styles.strip} role="region" aria-label="Captions" data-testid="captions">
      {lines.length === 0 ? (
        <span className={styles.waiting}>Captions are on. They appear here when somebody speaks.</span>
      ) : (
        lines.map((line) => (
          <div key={line.key} className={styles.line} data-testid="caption" data-final={line.final}>
            <span className={styles.name}>{line.name}</span>
            <span className={line.final ? undefined : styles.partial}>{line.text}</span>
          </div>
        ))
      )}
    </section>
  );
}
