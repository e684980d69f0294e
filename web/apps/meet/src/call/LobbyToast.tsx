import { Avatar, Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import type { CallActions } from "./call-actions";
import type { Waiting } from "./view";

const useStyles = makeStyles({
  toast: {
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
  text: { flexGrow: 1, flexBasis: "140px", overflowWrap: "anywhere" },
  actions: { display: "flex", gap: "8px" },
});

/** Tells those who may admit that somebody waits, and lets them decide at once. */
export function LobbyToast({ lobby, actions, show }: { lobby: readonly Waiting[]; actions: CallActions; show: () => void }) {
  const styles = useStyles();
  const [first] = lobby;
  if (first === undefined) {
    return null;
  }
  const several = lobby.length > 1;
  return (
    <div className={styles.toast} role="group" aria-label="Lobby" data-testid="lobby-toast">
      <Avatar name={first.name} color="colorful" aria-hidden="true" />
      <Text className={styles.text}>
        <strong>{first.name}</strong> {several ? `and ${String(lobby.length - 1)} more are waiting` : "is waiting"}
      </Text>
      <div className={styles.actions}>
        <Button size="small" onClick={show} data-testid="show-lobby">
          View
        </Button>
        <Button
          size="small"
          appearance="primary"
          data-testid="toast-admit"
          onClick={() => void (several ? actions.admitAll() : actions.admit(first.id))}
        >
          {several ? "Admit all" : "Admit"}
        </Button>
      </div>
    </div>
  );
}
