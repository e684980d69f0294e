import { Button, Text } from "@fluentui/react-components";
import { DoorArrowLeftRegular } from "@fluentui/react-icons";
import { useLink } from "../base/router";
import { useTitle } from "../base/use-store";
import type { EndView } from "../call/end";
import { Notice } from "../ui/States";

/** After the meeting: what happened, who can change it, and the way back. */
export function EndScreen({ end, signedIn, again }: { end: EndView; signedIn: boolean; again: () => void }) {
  const home = useLink("/");
  useTitle(end.title);
  return (
    <Notice
      icon={<DoorArrowLeftRegular />}
      title={end.title}
      testId="end-screen"
      actions={
        <>
          {end.canRejoin && (
            <Button appearance="primary" data-testid="rejoin" onClick={again}>
              Join again
            </Button>
          )}
          <Button as="a" {...home}>
            {signedIn ? "Your meetings" : "Home"}
          </Button>
        </>
      }
    >
      <span data-testid="end-reason" data-reference={end.reference}>
        {[end.detail, end.help].filter((sentence) => sentence !== "").join(" ") || (end.reference === "0/0" ? "You can close this page, or join again." : end.title)}
      </span>
      {end.reference !== "0/0" && !end.reference.startsWith("0/") && (
        <Text block size={200} style={{ marginTop: 12, opacity: 0.7 }}>
          Reference {end.reference}
        </Text>
      )}
    </Notice>
  );
}
