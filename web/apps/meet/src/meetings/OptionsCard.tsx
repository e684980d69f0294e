import { makeStyles, tokens } from "@fluentui/react-components";
import type { OnlineMeeting } from "../api/meetings";
import { useApp } from "../app-context";
import { labelOf, lobbyChoices, presenterChoices } from "./choices";

const useStyles = makeStyles({
  card: {
    padding: "20px",
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  title: { margin: "0 0 12px", fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400, fontWeight: 600 },
  list: {
    margin: 0,
    display: "grid",
    gridTemplateColumns: "minmax(160px, auto) 1fr",
    gap: "10px 24px",
    "@media (max-width: 480px)": { gridTemplateColumns: "1fr", gap: "2px" },
  },
  term: { color: tokens.colorNeutralForeground3 },
  value: { margin: 0, "@media (max-width: 480px)": { marginBottom: "10px" } },
});

/** How the meeting is set; changed in the edit dialog. */
export function OptionsCard({ meeting }: { meeting: OnlineMeeting }) {
  const styles = useStyles();
  const { organisation } = useApp().config;
  const rows: [string, string][] = [
    ["Comes in without waiting", labelOf(lobbyChoices(organisation), meeting.lobbyScope)],
    ["Can present", labelOf(presenterChoices(organisation), meeting.presenters)],
    ["People without an account", meeting.anonymousJoin ? "Can join with the link" : "Cannot join"],
  ];
  return (
    <section className={styles.card} aria-labelledby="options">
      <h2 className={styles.title} id="options">
        Options
      </h2>
      <dl className={styles.list}>
        {rows.map(([term, value]) => (
          <Row key={term} term={term} value={value} />
        ))}
      </dl>
    </section>
  );
}

function Row({ term, value }: { term: string; value: string }) {
  const styles = useStyles();
  return (
    <>
      <dt className={styles.term}>{term}</dt>
      <dd className={styles.value}>{value}</dd>
    </>
  );
}
