import { makeStyles } from "@fluentui/react-components";
import { MicOffRegular, MicRegular } from "@fluentui/react-icons";
import type { Readable } from "../base/store";
import { useStore } from "../base/use-store";

const bars = [6, 18, 32, 48, 66];

const useStyles = makeStyles({
  box: {
    display: "flex",
    alignItems: "center",
    gap: "3px",
    padding: "6px 9px",
    borderRadius: "999px",
    backgroundColor: "rgba(0, 0, 0, 0.5)",
    color: "#fff",
    fontSize: "16px",
  },
  bar: {
    width: "3px",
    height: "14px",
    borderRadius: "2px",
    backgroundColor: "rgba(255, 255, 255, 0.3)",
    transitionProperty: "background-color",
    transitionDuration: "80ms",
    "@media (prefers-reduced-motion: reduce)": { transitionDuration: "0.01ms" },
  },
  lit: { backgroundColor: "#7fe0d2" },
});

/** How loud the microphone is. */
export function LevelMeter({ level, on }: { level: Readable<number>; on: boolean }) {
  const styles = useStyles();
  const value = useStore(level);
  return (
    <div
      className={styles.box}
      role="meter"
      aria-label="Microphone level"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={on ? Math.round(value) : 0}
      data-testid="level-meter"
    >
      {on ? <MicRegular aria-hidden="true" /> : <MicOffRegular aria-hidden="true" />}
      {on && bars.map((from) => <span key={from} className={`${styles.bar} ${value >= from ? styles.lit : ""}`} />)}
    </div>
  );
}
