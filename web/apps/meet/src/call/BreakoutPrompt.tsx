import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { ConferenceRoomRegular } from "@fluentui/react-icons";
import type { CallModel } from "./call-model";
import type { BreakoutView } from "./view";

const useStyles = makeStyles({
  prompt: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "10px",
    padding: "10px 14px",
    width: "min(100%, 480px)",
    boxSizing: "border-box",
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    boxShadow: tokens.shadow16,
  },
  text: { flexGrow: 1, flexBasis: "160px", overflowWrap: "anywhere" },
});

/** Asks somebody into their open room. Whoever returned from it may go in again. */
export function BreakoutPrompt({ call, assigned }: { call: CallModel; assigned: BreakoutView["assigned"] }) {
  const styles = useStyles();
  if (assigned?.open !== true) {
    return null;
  }
  return (
    <div className={styles.prompt} role="group" aria-label="Breakout room" data-testid="room-prompt">
      <ConferenceRoomRegular fontSize={24} aria-hidden="true" />
      <Text className={styles.text}>
        Your room <strong>{assigned.name}</strong> is open.
      </Text>
      <Button size="small" appearance="primary" data-testid="join-room" onClick={() => void call.actions.features.joinRoom()}>
        Join room
      </Button>
    </div>
  );
}
