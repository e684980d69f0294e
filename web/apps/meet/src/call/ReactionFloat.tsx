import { makeStyles } from "@fluentui/react-components";
import { useStore } from "../base/use-store";
import type { CallModel } from "./call-model";
import { ReactionArt } from "./ReactionArt";
import { floatMs } from "./reactions";

const useStyles = makeStyles({
  float: {
    position: "absolute",
    left: "50%",
    bottom: "14%",
    zIndex: 5,
    pointerEvents: "none",
    filter: "drop-shadow(0 2px 6px rgba(0, 0, 0, 0.45))",
    animationName: {
      "0%": { transform: "translate(-50%, 24px) scale(0.4)", opacity: 0 },
      "12%": { transform: "translate(-50%, 0) scale(1.15)", opacity: 1 },
      "20%": { transform: "translate(-50%, -4px) scale(1)", opacity: 1 },
      "80%": { transform: "translate(-50%, -28px) scale(1)", opacity: 1 },
      "100%": { transform: "translate(-50%, -44px) scale(1)", opacity: 0 },
    },
    animationDuration: `${String(floatMs)}ms`,
    animationFillMode: "both",
    "@media (prefers-reduced-motion: reduce)": { animationName: { from: { transform: "translateX(-50%)" }, to: { transform: "translateX(-50%)" } } },
  },
});

/** What somebody reacted, over their tile. */
export function ReactionFloat({ call, id, small }: { call: CallModel; id: string; small?: boolean }) {
  const styles = useStyles();
  const reaction = useStore(call.reactions.shown).get(id);
  return reaction === undefined ? null : (
    <div key={reaction.key} className={styles.float} data-testid="reaction" data-reaction={reaction.kind}>
      <ReactionArt kind={reaction.kind} size={small === true ? 32 : 56} />
    </div>
  );
}
