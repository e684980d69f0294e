import { Badge, Button, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import type { OnlineMeeting } from "../api/meetings";
import { useLink } from "../base/router";
import { joinPathOf, meetingPath } from "../base/route";
import { CopyButton } from "../ui/CopyButton";
import { rangeLabel } from "./format";

const useStyles = makeStyles({
  item: {
    position: "relative",
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "12px",
    padding: "14px 16px",
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    transitionProperty: "box-shadow, border-color",
    transitionDuration: tokens.durationNormal,
    "@media (prefers-reduced-motion: reduce)": { transitionDuration: "0.01ms" },
    ":hover": { boxShadow: tokens.shadow4 },
  },
  live: { border: `1px solid ${tokens.colorBrandStroke1}` },
  text: { flexGrow: 1, flexBasis: "220px", minWidth: 0, display: "flex", flexDirection: "column", gap: "2px" },
  subject: {
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    fontWeight: 600,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: "none",
    overflowWrap: "anywhere",
    // The whole card opens the meeting; its buttons lie above.
    "::after": { content: '""', position: "absolute", inset: 0, borderRadius: tokens.borderRadiusXLarge },
    ":hover": { textDecorationLine: "underline" },
  },
  when: { color: tokens.colorNeutralForeground3, display: "flex", flexWrap: "wrap", alignItems: "center", gap: "8px" },
  actions: { position: "relative", zIndex: 1, display: "flex", gap: "8px" },
});

/** One meeting of the list. */
export function MeetingItem({ meeting, now }: { meeting: OnlineMeeting; now: Date }) {
  const styles = useStyles();
  const details = useLink(meetingPath(meeting.id));
  const live = meeting.start <= now && now <= meeting.end;
  return (
    <li className={mergeClasses(styles.item, live && styles.live)} data-testid="meeting-item" data-meeting-id={meeting.id}>
      <div className={styles.text}>
        <a className={styles.subject} {...details}>
          {meeting.subject === "" ? "Meeting without a subject" : meeting.subject}
        </a>
        <div className={styles.when}>
          <span>{rangeLabel(meeting.start, meeting.end)}</span>
          {live && (
            <Badge appearance="tint" color="brand">
              Now
            </Badge>
          )}
        </div>
      </div>
      <div className={styles.actions}>
        <CopyButton iconOnly appearance="subtle" text={meeting.joinWebUrl} label="Copy link" done="The link is copied." testId="copy-link" />
        <JoinButton meeting={meeting} primary={live} />
      </div>
    </li>
  );
}

/** Opens the join page of a meeting within the app. */
export function JoinButton({ meeting, primary }: { meeting: OnlineMeeting; primary: boolean }) {
  const path = joinPathOf(meeting.joinWebUrl);
  const link = useLink(path ?? "/");
  return (
    <Button
      as="a"
      {...(path === undefined ? { href: meeting.joinWebUrl } : link)}
      appearance={primary ? "primary" : "secondary"}
      data-testid="join-meeting"
    >
      Join
    </Button>
  );
}
