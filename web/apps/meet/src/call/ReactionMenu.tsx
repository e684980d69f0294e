import { makeStyles, Popover, PopoverSurface, PopoverTrigger, tokens } from "@fluentui/react-components";
import { EmojiRegular } from "@fluentui/react-icons";
import { useRef, useState, type KeyboardEvent } from "react";
import type { CallModel } from "./call-model";
import { Control } from "./Control";
import { ReactionArt } from "./ReactionArt";
import { reactionKinds, reactionNames } from "./reactions";

const useStyles = makeStyles({
  surface: { padding: "6px", borderRadius: "999px" },
  row: { display: "flex", gap: "2px" },
  choice: {
    width: "48px",
    height: "48px",
    display: "grid",
    placeItems: "center",
    border: "none",
    borderRadius: "999px",
    backgroundColor: "transparent",
    cursor: "pointer",
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover, transform: "scale(1.12)" },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "-2px" },
    transitionProperty: "transform",
    transitionDuration: tokens.durationFast,
    "@media (prefers-reduced-motion: reduce)": { transitionDuration: "0.01ms", ":hover": { transform: "none" } },
  },
});

/** Opens a row of five reactions; it stays open, since people clap more than once. Arrow keys move, Escape closes. */
export function ReactionMenu({ call }: { call: CallModel }) {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  const row = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const buttons = [...(row.current?.querySelectorAll("button") ?? [])];
    if (step === undefined || buttons.length === 0) {
      return;
    }
    event.preventDefault();
    const at = buttons.findIndex((button) => button === document.activeElement);
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  };
  return (
    <Popover
      open={open}
      onOpenChange={(_, data) => {
        setOpen(data.open);
      }}
      positioning="above"
      trapFocus
    >
      <PopoverTrigger disableButtonEnhancement>
        <Control testId="control-react" label="React" on={open} icon={<EmojiRegular />} />
      </PopoverTrigger>
      <PopoverSurface className={styles.surface} aria-label="Reactions">
        <div ref={row} className={styles.row} role="group" aria-label="Reactions" onKeyDown={move}>
          {reactionKinds.map((kind) => (
            <button
              key={kind}
              type="button"
              className={styles.choice}
              aria-label={reactionNames[kind]}
              title={reactionNames[kind]}
              data-testid={`react-${kind}`}
              onClick={() => void call.actions.features.react(kind)}
            >
              <ReactionArt kind={kind} size={30} />
            </button>
          ))}
        </div>
      </PopoverSurface>
    </Popover>
  );
}
