import { Button, makeStyles, Spinner, Text, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  box: {
    flexGrow: 1,
    display: "flex",
    flexDirection: "column",
    alignItems: "center",
    justifyContent: "center",
    textAlign: "center",
    gap: "12px",
    padding: "48px 24px",
    maxWidth: "520px",
    marginInline: "auto",
  },
  icon: {
    width: "72px",
    height: "72px",
    borderRadius: "50%",
    display: "grid",
    placeItems: "center",
    fontSize: "34px",
    color: tokens.colorBrandForeground1,
    backgroundColor: tokens.colorBrandBackground2,
    marginBottom: "4px",
  },
  title: { margin: 0, fontSize: tokens.fontSizeBase500, lineHeight: tokens.lineHeightBase500, fontWeight: 600 },
  actions: { display: "flex", flexWrap: "wrap", gap: "8px", justifyContent: "center", marginTop: "8px" },
});

/** One calm message in the middle of the page: nothing here yet, not found, refused. */
export function Notice(props: { icon?: ReactNode; title: string; children?: ReactNode; actions?: ReactNode; testId?: string }) {
  const styles = useStyles();
  return (
    <div className={styles.box} data-testid={props.testId}>
      {props.icon !== undefined && <div className={styles.icon}>{props.icon}</div>}
      <h1 className={styles.title}>{props.title}</h1>
      {props.children !== undefined && (
        <Text block align="center">
          {props.children}
        </Text>
      )}
      {props.actions !== undefined && <div className={styles.actions}>{props.actions}</div>}
    </div>
  );
}

export function Loading({ label }: { label: string }) {
  const styles = useStyles();
  return (
    <div className={styles.box}>
      <Spinner label={label} labelPosition="below" />
    </div>
  );
}

/** A failure that trying again may mend. */
export function Failed({ sentence, retry }: { sentence: string; retry: () => void }) {
  return (
    <Notice title="That did not work" actions={<Button onClick={retry}>Try again</Button>}>
      {sentence}
    </Notice>
  );
}
