import { Button, makeStyles, mergeClasses, tokens, Tooltip } from "@fluentui/react-components";
import type { ReactElement } from "react";
import { ariaShortcut, shortcutLabel, type ShortcutAction } from "./shortcuts";
import type { Permission } from "./view";

const useStyles = makeStyles({
  control: {
    width: "44px",
    height: "44px",
    minWidth: "44px",
    maxWidth: "44px",
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  alert: { color: tokens.colorStatusDangerForeground1, ":hover": { color: tokens.colorStatusDangerForeground1 } },
  active: {
    backgroundColor: tokens.colorBrandBackground,
    color: tokens.colorNeutralForegroundOnBrand,
    ":hover": { backgroundColor: tokens.colorBrandBackgroundHover, color: tokens.colorNeutralForegroundOnBrand },
  },
});

const apple = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);

/**
 * One round button of the control bar. What is not permitted stays reachable and says why; a press then shows the reason as a
 * notice, since tooltips do not exist on touch screens. That is why it is not `aria-disabled`: the button would swallow the press.
 */
export function Control(props: {
  testId: string;
  shortcut: ShortcutAction;
  label: string;
  icon: ReactElement;
  on: boolean;
  /** Off, and that may surprise: shown in the colour of a warning. */
  alert?: boolean;
  /** On, and that is out of the ordinary: filled. */
  active?: boolean;
  permission?: Permission | undefined;
  onClick: () => void;
}) {
  const styles = useStyles();
  const refused = props.permission?.allowed === false ? props.permission.why : undefined;
  const hint = refused ?? `${props.label} (${shortcutLabel(props.shortcut, apple)})`;
  return (
    <Tooltip content={hint} relationship={refused === undefined ? "inaccessible" : "description"} withArrow>
      <Button
        shape="circular"
        size="large"
        className={mergeClasses(styles.control, props.alert === true && styles.alert, props.active === true && styles.active)}
        aria-label={refused === undefined ? props.label : `${props.label} (not available)`}
        aria-keyshortcuts={ariaShortcut(props.shortcut)}
        data-testid={props.testId}
        data-on={props.on}
        data-refused={refused !== undefined}
        icon={props.icon}
        onClick={props.onClick}
        style={refused === undefined ? undefined : { opacity: 0.5 }}
      />
    </Tooltip>
  );
}
