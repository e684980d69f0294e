import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { DoorArrowLeftRegular } from "@fluentui/react-icons";
import { useLink } from "../base/router";
import { useTitle } from "../base/use-store";
import type { EndView } from "../call/end";
import { Notice } from "../ui/States";

const useStyles = makeStyles({ reference: { marginTop: "12px", color: tokens.colorNeutralForeground3 } });

/** After the meeting: what happened, who can change it, and the way back. */
export function EndScreen({ end, signedIn, again }: { end: EndView; signedIn: boolean; again: () => void }) {
  const styles = useStyles();
  const home = useLink("/");
  useTitle(end.title);
  const ordinary = end.reference.startsWith("0/");
  const sentences = [end.detail, end.help].filter((sentence) => sentence !== "").join(" ");
  return (
    <Notice
      icon={<DoorArrowLeftRegular />}
      title={end.title}
      testId="end-screen"
      actions={
        <>
          {end.canRejoin && (
            <Button appearance="primary" data-testid="rejoin" onClick={again}>
              {ordinary ? "Join again" : "Try again"}
            </Button>
          )}
          <Button as="a" {...home}>
            {signedIn ? "Your meetings" : "Home"}
          </Button>
        </>
      }
    >
      <span data-testid="end-reason" data-reference={end.reference}>
        {sentences !== "" ? sentences : end.reference === "0/0" ? "You can close this page, or join again." : end.title}
      </span>
      {!ordinary && (
        <Text block align="center" size={200} className={styles.reference}>
          Reference {end.reference}
        </Text>
      )}
    </Notice>
  );
}
