import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useMemo, type ReactNode } from "react";
import type { Sample } from "../api/calls";
import { elapsedLabel } from "../meetings/format";
import { chartOf, HEIGHT, WIDTH } from "./chart";
import { bitsLabel, durationLabel, lossReceived, lossSent, millisecondsLabel, percentLabel, rateOf } from "./quality";

const useStyles = makeStyles({
  chart: { display: "flex", flexDirection: "column", gap: "6px" },
  strip: { display: "grid", gridTemplateColumns: "108px 1fr", alignItems: "center", gap: "8px" },
  words: { display: "flex", flexDirection: "column", fontSize: tokens.fontSizeBase200, lineHeight: tokens.lineHeightBase200 },
  top: { color: tokens.colorNeutralForeground3 },
  picture: {
    width: "100%",
    height: "48px",
    display: "block",
    borderRadius: tokens.borderRadiusSmall,
    backgroundColor: tokens.colorNeutralBackground3,
  },
  to: { fill: "none", stroke: tokens.colorCompoundBrandStroke, strokeWidth: "2px", vectorEffect: "non-scaling-stroke" },
  from: { fill: "none", stroke: tokens.colorPaletteMarigoldForeground1, strokeWidth: "2px", strokeDasharray: "5 3", vectorEffect: "non-scaling-stroke" },
  withheld: { fill: tokens.colorPaletteRedBackground2 },
  axis: { display: "flex", justifyContent: "space-between", marginLeft: "116px", fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground3 },
  legend: { display: "flex", flexWrap: "wrap", gap: "4px 16px", marginLeft: "116px", fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground2 },
  mark: { display: "inline-flex", alignItems: "center", gap: "6px" },
  swatch: { width: "18px", height: "10px" },
  scroll: { overflow: "auto", maxHeight: "260px", marginTop: "6px" },
  table: { borderCollapse: "collapse", fontSize: tokens.fontSizeBase200, "& th, & td": { textAlign: "right", padding: "2px 10px 2px 0", whiteSpace: "nowrap", fontWeight: 400 } },
  summary: { cursor: "pointer", color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  narrow: { "@media (max-width: 480px)": { marginLeft: 0 } },
});

/** How a session went over time: bit rate, loss and round trip, one above the other; the numbers below for those who want them. */
export function QualityChart({ samples, name }: { samples: Sample[]; name: string }) {
  const styles = useStyles();
  const chart = useMemo(() => chartOf(samples), [samples]);
  const withheld = chart.withheld.length > 0;
  return (
    <div className={styles.chart} data-testid="quality-chart">
      {chart.strips.map((strip) => (
        <div key={strip.name} className={styles.strip}>
          <div className={styles.words}>
            <span>{strip.title}</span>
            <span className={styles.top}>up to {strip.top}</span>
          </div>
          <svg
            className={styles.picture}
            viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={`${strip.title} of ${name} over ${durationLabel(chart.lengthMs)}, up to ${strip.top}. The numbers are in the table below.`}
          >
            {strip.name === "rate" &&
              chart.withheld.map((stretch) => <rect key={stretch.x} className={styles.withheld} x={stretch.x} y={0} width={stretch.width} height={HEIGHT} />)}
            {strip.from !== "" && <path className={styles.from} d={strip.from} />}
            <path className={styles.to} d={strip.to} />
          </svg>
        </div>
      ))}
      <div className={styles.axis} aria-hidden="true">
        <span>0</span>
        <span>{durationLabel(chart.lengthMs)}</span>
      </div>
      <div className={mergeClasses(styles.legend, styles.narrow)} aria-hidden="true">
        <Mark label="to the participant">
          <path className={styles.to} d="M0 5H18" />
        </Mark>
        <Mark label="from the participant">
          <path className={styles.from} d="M0 5H18" />
        </Mark>
        {withheld && (
          <Mark label="a wanted video was withheld">
            <rect className={styles.withheld} width={18} height={10} />
          </Mark>
        )}
      </div>
      <details>
        <summary className={styles.summary}>Numbers over time</summary>
        <div className={styles.scroll} tabIndex={0} role="region" aria-label={`Numbers of ${name}`}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">until</th>
                <th scope="col">to</th>
                <th scope="col">lost</th>
                <th scope="col">from</th>
                <th scope="col">lost</th>
                <th scope="col">round trip</th>
                <th scope="col">path carries</th>
                <th scope="col">video</th>
                <th scope="col">withheld</th>
              </tr>
            </thead>
            <tbody>
              {samples.map((sample) => (
                <tr key={sample.atMs}>
                  <td>{elapsedLabel(0, sample.atMs)}</td>
                  <td>{bitsLabel(rateOf(sample.sent, sample.spanMs))}</td>
                  <td>{percentLabel(lossSent(sample.sent))}</td>
                  <td>{bitsLabel(rateOf(sample.received, sample.spanMs))}</td>
                  <td>{percentLabel(lossReceived(sample.received))}</td>
                  <td>{millisecondsLabel(sample.roundTripMs)}</td>
                  <td>{sample.estimate === undefined ? "not known" : bitsLabel(sample.estimate)}</td>
                  <td>{sample.videoHeight > 0 ? `${String(sample.videoHeight)}p` : "none"}</td>
                  <td>{sample.withheldMs > 0 ? durationLabel(sample.withheldMs) : "0 s"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  );
}

function Mark({ label, children }: { label: string; children: ReactNode }) {
  const styles = useStyles();
  return (
    <span className={styles.mark}>
      <svg className={styles.swatch} viewBox="0 0 18 10" focusable="false">
        {children}
      </svg>
      {label}
    </span>
  );
}
