import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { WifiWarningFilled } from "@fluentui/react-icons";
import { useEffect, useRef, useState, type RefObject } from "react";
import type { CallModel } from "./call-model";
import { bySpotlight, gridFor, sharedScreen, visibleIn } from "./gallery";
import { LocalTile, pausedText, Tile } from "./Tile";
import type { CallView, Person } from "./view";
import { VideoView } from "./VideoView";

const gap = 8;
const useStyles = makeStyles({
  fill: { position: "absolute", inset: 0 },
  grid: { position: "absolute", inset: 0, display: "flex", flexWrap: "wrap", gap: `${String(gap)}px`, alignContent: "center", justifyContent: "center" },
  shared: {
    position: "absolute",
    inset: 0,
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) 220px",
    gap: "8px",
    "@media (max-width: 900px)": { gridTemplateColumns: "minmax(0, 1fr)", gridTemplateRows: "minmax(0, 1fr) 104px" },
  },
  screen: { position: "relative", borderRadius: tokens.borderRadiusXLarge, overflow: "hidden", backgroundColor: "#0d1211" },
  large: { position: "relative", minWidth: 0, minHeight: 0 },
  together: { position: "absolute", inset: 0, borderRadius: tokens.borderRadiusXLarge, overflow: "hidden", backgroundColor: "#0d1211" },
  caption: {
    position: "absolute",
    left: "12px",
    top: "12px",
    padding: "4px 10px",
    borderRadius: "999px",
    backgroundColor: "rgba(0, 0, 0, 0.6)",
    color: "#fff",
    fontSize: tokens.fontSizeBase200,
  },
  // What was shared last stays readable under it.
  paused: {
    position: "absolute",
    left: 0,
    right: 0,
    bottom: "12px",
    width: "fit-content",
    margin: "0 auto",
    display: "flex",
    alignItems: "center",
    gap: "6px",
    maxWidth: "calc(100% - 24px)",
    boxSizing: "border-box",
    padding: "4px 12px",
    borderRadius: "999px",
    backgroundColor: "#f2b84b",
    color: "#2b1d00",
    fontSize: tokens.fontSizeBase200,
    fontWeight: 600,
    "& svg": { flexShrink: 0 },
  },
  strip: {
    display: "flex",
    flexDirection: "column",
    gap: "8px",
    overflow: "auto",
    minHeight: 0,
    "@media (max-width: 900px)": { flexDirection: "row" },
  },
  cell: { flexShrink: 0, aspectRatio: "16 / 9", "@media (max-width: 900px)": { height: "100%" } },
  alone: {
    position: "absolute",
    inset: 0,
    display: "flex",
    flexDirection: "column",
    alignItems: "center",
    justifyContent: "center",
    gap: "16px",
    padding: "16px",
    textAlign: "center",
  },
  aloneTile: { position: "relative", width: "min(100%, 640px)", aspectRatio: "16 / 9", maxHeight: "60%" },
  corner: {
    position: "absolute",
    right: "12px",
    bottom: "12px",
    zIndex: 10,
    width: "clamp(104px, 18%, 220px)",
    aspectRatio: "16 / 9",
    boxShadow: tokens.shadow28,
    borderRadius: tokens.borderRadiusXLarge,
    "@media (max-width: 640px)": { aspectRatio: "3 / 4", width: "96px" },
  },
  more: {
    position: "absolute",
    right: "12px",
    bottom: "12px",
    zIndex: 10,
    padding: "4px 12px",
    borderRadius: "999px",
    backgroundColor: "rgba(0, 0, 0, 0.65)",
    color: "#fff",
  },
});

/** The middle of the meeting: a shared screen or the spotlight with the people beside it, everybody together, or the people alone. */
export function Stage({ call, view }: { call: CallModel; view: CallView }) {
  const styles = useStyles();
  const sharer = sharedScreen(view.people);
  if (sharer?.screen !== undefined) {
    const { shown } = visibleIn(view.people, view.dominant, 6);
    return (
      <div className={styles.shared}>
        <div className={styles.screen} data-testid="screen-share" data-participant-id={sharer.id}>
          <VideoView stream={sharer.screen} fit />
          <span className={styles.caption}>{sharer.name} is sharing</span>
          {sharer.screenPaused && (
            <span className={styles.paused} role="status" data-testid="paused-hint">
              <WifiWarningFilled aria-hidden="true" /> {pausedText}
            </span>
          )}
        </div>
        <div className={styles.strip}>
          <div className={styles.cell}>
            <LocalTile call={call} view={view} />
          </div>
          {shown.map((person) => (
            <div key={person.id} className={styles.cell}>
              <Tile person={person} call={call} view={view} small />
            </div>
          ))}
        </div>
      </div>
    );
  }
  if (view.together !== undefined) {
    return (
      <div className={styles.together} role="group" aria-label="Everybody together" data-testid="together-view">
        <VideoView stream={view.together} fit />
      </div>
    );
  }
  if (view.own.spotlight !== undefined || view.people.some(({ spotlight }) => spotlight !== undefined)) {
    return <Spotlit call={call} view={view} />;
  }
  if (view.people.length === 0) {
    return (
      <div className={styles.alone}>
        <div className={styles.aloneTile}>
          <LocalTile call={call} view={view} large />
        </div>
        <Text size={400} align="center">{view.own.sharing ? "You are sharing your screen. Nobody else is here yet." : "Nobody else is here yet."}</Text>
      </div>
    );
  }
  return <Gallery call={call} view={view} />;
}

/** Those in the spotlight large, the others in the strip beside them. */
function Spotlit({ call, view }: { call: CallModel; view: CallView }) {
  const styles = useStyles();
  const room = useRef<HTMLDivElement>(null);
  const size = useSize(room);
  const { lit, others } = bySpotlight([...view.people, { ...view.own, own: true as const }]);
  const { shown, hidden } = visibleIn(others.filter((person): person is Person => !("own" in person)), view.dominant, 6);
  const ownBeside = view.own.spotlight === undefined;
  const grid = gridFor(size, lit.length, gap);
  return (
    <div className={others.length > 0 ? styles.shared : styles.fill} data-testid="spotlight-stage">
      <div className={styles.large}>
        <div ref={room} className={styles.grid}>
          {size.width > 0 &&
            lit.map((person) => (
              <div key={person.id} style={{ width: grid.width, height: grid.height }}>
                {"own" in person ? <LocalTile call={call} view={view} large /> : <Tile person={person} call={call} view={view} />}
              </div>
            ))}
        </div>
      </div>
      {others.length > 0 && (
        <div className={styles.strip}>
          {ownBeside && (
            <div className={styles.cell}>
              <LocalTile call={call} view={view} />
            </div>
          )}
          {shown.map((person) => (
            <div key={person.id} className={styles.cell}>
              <Tile person={person} call={call} view={view} small />
            </div>
          ))}
          {hidden > 0 && <Text align="center">and {hidden} more</Text>}
        </div>
      )}
    </div>
  );
}

/** Two people: the other one large, the own picture in the corner. More: everybody in one grid, the own picture last. */
function Gallery({ call, view }: { call: CallModel; view: CallView }) {
  const styles = useStyles();
  const room = useRef<HTMLDivElement>(null);
  const size = useSize(room);
  const { shown, hidden } = visibleIn(view.people, view.dominant, size.width < 640 ? 5 : 9);
  const inGrid = shown.length > 1;
  const grid = gridFor(size, shown.length + (inGrid ? 1 : 0), gap);
  const cell = { width: grid.width, height: grid.height };
  return (
    <div className={styles.fill}>
      <div ref={room} className={styles.grid}>
        {size.width > 0 && (
          <>
            {shown.map((person) => (
              <div key={person.id} style={cell}>
                <Tile person={person} call={call} view={view} />
              </div>
            ))}
            {inGrid && (
              <div style={cell}>
                <LocalTile call={call} view={view} />
              </div>
            )}
          </>
        )}
      </div>
      {hidden > 0 && <span className={styles.more}>and {hidden} more</span>}
      {!inGrid && (
        <div className={styles.corner}>
          <LocalTile call={call} view={view} />
        </div>
      )}
    </div>
  );
}

function useSize(element: RefObject<HTMLElement | null>): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const target = element.current;
    if (target === null) {
      return;
    }
    const observer = new ResizeObserver(() => {
      setSize({ width: target.clientWidth, height: target.clientHeight });
    });
    observer.observe(target);
    return () => {
      observer.disconnect();
    };
  }, [element]);
  return size;
}
