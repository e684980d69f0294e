import { Badge, Button, makeStyles, tokens, Tooltip } from "@fluentui/react-components";
import { ArrowExitRegular, ConferenceRoomRegular, LinkRegular, LockClosedRegular, LockOpenRegular } from "@fluentui/react-icons";
import { elapsedLabel } from "../meetings/format";
import { useNow } from "../meetings/use-now";
import { Mark } from "../ui/Mark";
import { ThemeToggle } from "../ui/Shell";
import type { CallModel } from "./call-model";
import type { CallView } from "./view";

const useStyles = makeStyles({
  header: {
    display: "flex",
    alignItems: "center",
    gap: "10px",
    padding: "8px 16px",
    minWidth: 0,
    "@media (max-width: 640px)": { padding: "6px 10px" },
  },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase400,
    fontWeight: 600,
    whiteSpace: "nowrap",
    overflow: "hidden",
    textOverflow: "ellipsis",
    minWidth: 0,
  },
  time: { color: tokens.colorNeutralForeground3, fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap", flexShrink: 0 },
  space: { flexGrow: 1 },
  room: { flexShrink: 0 },
  back: { flexShrink: 0, whiteSpace: "nowrap" },
  wide: { "@media (max-width: 640px)": { display: "none" } },
  narrow: { "@media (min-width: 641px)": { display: "none" } },
});

/** Subject or the room's name, time in the meeting or until the room closes, the way back, lock and link. */
export function MeetingHeader(props: { view: CallView; link: string | undefined; call: CallModel; announce: (sentence: string) => void }) {
  const styles = useStyles();
  const { view, link, call } = props;
  const { breakout } = view;
  const now = useNow(1000);
  const lockLabel = view.locked ? "Unlock the meeting: people can come in again" : "Lock the meeting: nobody new comes in";
  const copy = () => {
    if (link !== undefined) {
      navigator.clipboard.writeText(link).then(
        () => {
          props.announce("The link is copied.");
        },
        () => {
          props.announce("Copying is not allowed here.");
        },
      );
    }
  };
  return (
    <header className={styles.header}>
      <Mark size={26} />
      <h1 className={styles.title}>{view.subject === "" ? "Meeting" : view.subject}</h1>
      {breakout.inRoom && (
        <Badge className={styles.room} appearance="tint" color="brand" icon={<ConferenceRoomRegular />} data-testid="room-badge">
          <span className={styles.wide}>Breakout room</span>
        </Badge>
      )}
      <span className={styles.time} aria-hidden="true" data-testid="meeting-time">
        {breakout.ends !== undefined && <span className={styles.wide}>closes in </span>}
        {breakout.ends !== undefined
          ? elapsedLabel(now.getTime(), breakout.ends)
          : view.since === undefined
            ? ""
            : elapsedLabel(view.since, now.getTime())}
      </span>
      {view.locked && (
        <Badge appearance="tint" color="warning" icon={<LockClosedRegular />} data-testid="locked">
          Locked
        </Badge>
      )}
      <div className={styles.space} />
      {breakout.inRoom && breakout.mayReturn && (
        <Button size="small" className={styles.back} icon={<ArrowExitRegular />} aria-label="Return to the main meeting" data-testid="return-to-main" onClick={() => void call.backToMain()}>
          <span className={styles.wide}>Return to the main meeting</span>
          <span className={styles.narrow}>Return</span>
        </Button>
      )}
      {view.permissions.lock.allowed && !breakout.inRoom && (
        <Tooltip content={lockLabel} relationship="label">
          <Button
            appearance="subtle"
            data-testid="toggle-lock"
            aria-pressed={view.locked}
            icon={view.locked ? <LockClosedRegular /> : <LockOpenRegular />}
            onClick={() => void call.actions.toggleLock()}
          />
        </Tooltip>
      )}
      {link !== undefined && (
        <Tooltip content="Copy the meeting's link" relationship="label">
          <Button appearance="subtle" icon={<LinkRegular />} data-testid="copy-link" onClick={copy} />
        </Tooltip>
      )}
      <span className={breakout.inRoom ? styles.wide : undefined}>
        <ThemeToggle />
      </span>
    </header>
  );
}
