import { Badge, makeStyles, tokens } from "@fluentui/react-components";
import { verdictLabel, type Verdict } from "./quality";

/** What the pages of the quality record have in common. */
export const usePageStyles = makeStyles({
  page: {
    width: "100%",
    maxWidth: "860px",
    marginInline: "auto",
    padding: "24px clamp(16px, 3vw, 32px) 32px",
    boxSizing: "border-box",
    display: "flex",
    flexDirection: "column",
    gap: "16px",
    flexGrow: 1,
  },
  top: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: "12px" },
  title: { margin: 0, flexGrow: 1, fontSize: tokens.fontSizeHero700, lineHeight: tokens.lineHeightHero700, fontWeight: 600, overflowWrap: "anywhere" },
  lead: { color: tokens.colorNeutralForeground2 },
  text: { color: tokens.colorNeutralForeground3, overflowWrap: "anywhere" },
});

/** How something went, as a word in its colour. */
export function VerdictBadge({ verdict }: { verdict: Verdict }) {
  const color = ({ good: "success", fair: "warning", poor: "danger", none: "subtle" } as const)[verdict];
  return (
    <Badge appearance="tint" color={color} data-testid="verdict">
      {verdictLabel(verdict)}
    </Badge>
  );
}
