import { Button } from "@fluentui/react-components";
import { useEffect, useRef, useState } from "react";
import { sentenceOf } from "../api/http";
import { useApp } from "../app-context";
import { useLink, useRouter } from "../base/router";
import { Loading, Notice } from "../ui/States";

/** Where the provider sends the person back to. */
export function CallbackPage() {
  const { session } = useApp();
  const router = useRouter();
  const home = useLink("/");
  const begun = useRef(false);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    // The code works once; a second run of this effect must not use it again.
    if (begun.current) {
      return;
    }
    begun.current = true;
    session.complete().then(
      (returnTo) => {
        router.go(returnTo, { replace: true });
      },
      (error: unknown) => {
        setProblem(sentenceOf(error));
      },
    );
  }, [session, router]);
  if (problem === "") {
    return <Loading label="Signing you in" />;
  }
  return (
    <Notice
      title="Signing in did not work"
      actions={
        <>
          <Button appearance="primary" onClick={() => void session.signIn("/")}>
            Try again
          </Button>
          <Button as="a" {...home}>
            Home
          </Button>
        </>
      }
    >
      {problem}
    </Notice>
  );
}
