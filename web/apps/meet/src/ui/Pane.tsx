import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import type { ReactNode, Ref } from "react";

const useStyles = makeStyles({
  pane: { height: "100%", display: "flex", flexDirection: "column", minHeight: 0 },
  top: { display: "flex", alignItems: "center", padding: "12px 8px 8px 16px" },
  title: { margin: 0, flexGrow: 1, fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400, fontWeight: 600 },
});

/** What stands beside the stage: a title, a button that closes it (as Escape does), and what is in it. */
export function Pane({ title, close, closeLabel, closeTestId, closeRef, children }: {
  title: string;
  close: () => void;
  closeLabel: string;
  closeTestId: string;
  closeRef?: Ref<HTMLButtonElement>;
  children: ReactNode;
}) {
  const styles = useStyles();
  return (
    <div
      className={styles.pane}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) {
          close();
        }
      }}
    >
      <div className={styles.top}>
        <h2 className={styles.title}>{title}</h2>
        <Button ref={closeRef} appearance="subtle" icon={<DismissRegular />} aria-label={closeLabel} data-testid={closeTestId} onClick={close} />
      </div>
      {children}
    </div>
  );
}
