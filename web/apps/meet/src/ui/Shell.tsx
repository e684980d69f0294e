import {
  Avatar,
  Button,
  Link,
  makeStyles,
  Menu,
  MenuDivider,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Text,
  tokens,
  Tooltip,
} from "@fluentui/react-components";
import { DarkThemeRegular, SettingsRegular, SignOutRegular, WeatherSunnyRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { useApp } from "../app-context";
import { useLink, useRouter } from "../base/router";
import { useStore } from "../base/use-store";
import { Mark } from "./Mark";

const useStyles = makeStyles({
  page: {
    minHeight: "100dvh",
    display: "flex",
    flexDirection: "column",
    backgroundColor: tokens.colorNeutralBackground2,
    color: tokens.colorNeutralForeground1,
  },
  header: {
    display: "flex",
    alignItems: "center",
    gap: "12px",
    padding: "10px clamp(16px, 3vw, 32px)",
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  home: {
    display: "flex",
    alignItems: "center",
    gap: "10px",
    textDecorationLine: "none",
    color: "inherit",
    borderRadius: tokens.borderRadiusMedium,
  },
  name: { fontWeight: 600, fontSize: "16px", letterSpacing: "0.01em" },
  organisation: {
    color: tokens.colorNeutralForeground3,
    paddingLeft: "12px",
    borderLeft: `1px solid ${tokens.colorNeutralStroke1}`,
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
    "@media (max-width: 480px)": { display: "none" },
  },
  space: { flexGrow: 1 },
  avatar: { minWidth: "auto", padding: "4px", borderRadius: tokens.borderRadiusCircular },
  who: { display: "flex", flexDirection: "column", padding: "8px 12px" },
  main: { flexGrow: 1, display: "flex", flexDirection: "column", outlineStyle: "none" },
  footer: {
    padding: "16px clamp(16px, 3vw, 32px)",
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    display: "flex",
    flexWrap: "wrap",
    gap: "4px 16px",
  },
  skip: {
    position: "absolute",
    left: "-9999px",
    ":focus": { left: "12px", top: "12px", zIndex: 10, backgroundColor: tokens.colorNeutralBackground1, padding: "8px 12px" },
  },
});

/** The frame of every page but the meeting itself: mark, theme, who is signed in, footer. */
export function Shell({ children }: { children: ReactNode }) {
  const styles = useStyles();
  const { config } = useApp();
  const home = useLink("/");
  return (
    <div className={styles.page}>
      <Link className={styles.skip} href="#content">
        Skip to content
      </Link>
      <header className={styles.header}>
        <a className={styles.home} {...home} aria-label="Anteroom, home">
          <Mark />
          <span className={styles.name}>Anteroom</span>
        </a>
        {config.organisation !== "" && <span className={styles.organisation}>{config.organisation}</span>}
        <div className={styles.space} />
        <ThemeToggle />
        <UserMenu />
      </header>
      <main id="content" className={styles.main} tabIndex={-1}>
        {children}
      </main>
      <footer className={styles.footer}>
        <span>Anteroom is free software, run here by {config.organisation === "" ? "your organisation" : config.organisation}.</span>
        <span>Not affiliated with Microsoft.</span>
      </footer>
    </div>
  );
}

export function ThemeToggle() {
  const { theme } = useApp();
  const dark = useStore(theme.shade) === "dark";
  const label = dark ? "Use the light theme" : "Use the dark theme";
  return (
    <Tooltip content={label} relationship="label">
      <Button
        appearance="subtle"
        data-testid="theme-toggle"
        icon={dark ? <WeatherSunnyRegular /> : <DarkThemeRegular />}
        onClick={() => {
          theme.toggle();
        }}
      />
    </Tooltip>
  );
}

function UserMenu() {
  const styles = useStyles();
  const { session } = useApp();
  const router = useRouter();
  const state = useStore(session.state);
  if (state.kind === "signedOut") {
    return null;
  }
  const { member } = state;
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle" className={styles.avatar} data-testid="user-menu" aria-label={`Account of ${member.name}`}>
          <Avatar name={member.name} size={32} color="brand" aria-hidden="true" />
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <div className={styles.who}>
          <Text weight="semibold">{member.name}</Text>
          <Text size={200}>{member.userName}</Text>
        </div>
        <MenuDivider />
        <MenuList>
          <MenuItem
            icon={<SettingsRegular />}
            onClick={() => {
              router.go("/admin");
            }}
          >
            Administration
          </MenuItem>
          <MenuItem icon={<SignOutRegular />} data-testid="sign-out" onClick={() => void session.signOut()}>
            Sign out
          </MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
