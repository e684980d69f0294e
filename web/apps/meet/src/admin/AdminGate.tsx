import { Button, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { ShieldLockRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { useApp } from "../app-context";
import { useLink, usePlace } from "../base/router";
import { useStore } from "../base/use-store";
import { Notice } from "../ui/States";

const useStyles = makeStyles({
  nav: { display: "flex", flexWrap: "wrap", gap: "4px", marginInline: "-10px" },
  link: {
    padding: "6px 10px",
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground2,
    textDecorationLine: "none",
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
  },
  here: { color: tokens.colorNeutralForeground1, fontWeight: 600, boxShadow: `inset 0 -2px 0 ${tokens.colorCompoundBrandStroke}`, borderRadius: 0 },
});

/** Shows the administration to those who are signed in; whether they may see it is for the server to say. */
export function AdminGate({ path, children }: { path: string; children: ReactNode }) {
  const { session } = useApp();
  const who = useStore(session.state);
  if (who.kind === "signedIn") {
    return children;
  }
  return (
    <Notice
      icon={<ShieldLockRegular />}
      title="Administration"
      actions={
        <Button appearance="primary" data-testid="sign-in-button" onClick={() => void session.signIn(path)}>
          Sign in
        </Button>
      }
    >
      Sign in as an administrator of the organisation.
    </Notice>
  );
}

/** For members who do not administer. */
export function NotForYou() {
  const { session } = useApp();
  const who = useStore(session.state);
  return (
    <Notice
      icon={<ShieldLockRegular />}
      title="Only administrators come in here"
      testId="admin-refused"
      actions={<Button onClick={() => void session.signOut()}>Sign in as somebody else</Button>}
    >
      {who.kind === "signedIn" ? `${who.member.name} is not an administrator of this organisation.` : "Sign in as an administrator of the organisation."}
    </Notice>
  );
}

/** The parts of the administration. */
export function AdminNav() {
  const styles = useStyles();
  return (
    <nav className={styles.nav} aria-label="Administration">
      <NavLink target="/admin" label="Settings" />
      <NavLink target="/admin/calls" label="Calls" />
    </nav>
  );
}

function NavLink({ target, label }: { target: string; label: string }) {
  const styles = useStyles();
  const link = useLink(target);
  const here = usePlace().path.replace(/\/+$/, "") === target;
  return (
    <a className={mergeClasses(styles.link, here && styles.here)} {...link} {...(here ? { "aria-current": "page" as const } : {})}>
      {label}
    </a>
  );
}
