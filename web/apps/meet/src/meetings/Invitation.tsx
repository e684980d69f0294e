import { Field, Input, makeStyles, Text, tokens } from "@fluentui/react-components";
import type { OnlineMeeting } from "../api/meetings";
import { CopyButton } from "../ui/CopyButton";
import { dayLabel, groupedDigits, rangeLabel } from "./format";

const useStyles = makeStyles({
  card: {
    display: "flex",
    flexDirection: "column",
    gap: "16px",
    padding: "20px",
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400, fontWeight: 600 },
  row: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "flex-end" },
  link: { flexGrow: 1, flexBasis: "260px", minWidth: 0, "& input": { minWidth: 0, textOverflow: "ellipsis" } },
  codes: { display: "flex", flexWrap: "wrap", gap: "12px 32px", alignItems: "center" },
  code: { display: "flex", flexDirection: "column", gap: "2px" },
  value: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase400, letterSpacing: "0.03em" },
  space: { flexGrow: 1 },
});

/** What one sends to the people invited: the link, or meeting ID and passcode. */
export function Invitation({ meeting }: { meeting: OnlineMeeting }) {
  const styles = useStyles();
  const id = groupedDigits(meeting.meetingId);
  return (
    <section className={styles.card} aria-labelledby="invite">
      <h2 className={styles.title} id="invite">
        Invite people
      </h2>
      <div className={styles.row}>
        <Field label="Join link" className={styles.link}>
          <Input
            readOnly
            data-testid="join-link-text"
            value={meeting.joinWebUrl}
            onFocus={(event) => {
              event.currentTarget.select();
            }}
          />
        </Field>
        <CopyButton text={meeting.joinWebUrl} label="Copy link" done="The link is copied." testId="copy-link" appearance="primary" />
      </div>
      {meeting.meetingId !== "" && (
        <div className={styles.codes}>
          <div className={styles.code}>
            <Text size={200}>Meeting ID</Text>
            <span className={styles.value} data-testid="meeting-id-text">
              {id}
            </span>
          </div>
          {meeting.passcode !== "" && (
            <div className={styles.code}>
              <Text size={200}>Passcode</Text>
              <span className={styles.value} data-testid="passcode-text">
                {meeting.passcode}
              </span>
            </div>
          )}
          <div className={styles.space} />
          <CopyButton text={invitationText(meeting, new Date())} label="Copy invitation" done="The invitation is copied." testId="copy-invitation" />
        </div>
      )}
    </section>
  );
}

/** The invitation as text, for a mail or a message. */
export function invitationText(meeting: OnlineMeeting, now: Date): string {
  const lines = [
    meeting.subject,
    `${dayLabel(meeting.start, now).replace(/^(Today|Tomorrow|Yesterday), /, "")}, ${rangeLabel(meeting.start, meeting.end)}`,
    "",
    "Join with this link:",
    meeting.joinWebUrl,
  ];
  if (meeting.meetingId !== "") {
    lines.push("", `Meeting ID: ${groupedDigits(meeting.meetingId)}`);
    if (meeting.passcode !== "") {
      lines.push(`Passcode: ${meeting.passcode}`);
    }
  }
  return lines.join("\n").trim();
}
