import { Button, type ButtonProps, makeStyles, mergeClasses, tokens, Tooltip } from "@fluentui/react-components";
import type { ReactElement, Ref } from "react";
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
 * As the trigger of a menu it is given what triggers are given, and hands it to the button.
 */
export function Control({
  testId,
  shortcut,
  label,
  icon,
  on,
  alert,
  active,
  permission,
  className,
  ...rest
}: {
  testId: string;
  shortcut?: ShortcutAction;
  label: string;
  icon: ReactElement;
  on: boolean;
  /** Off, and that may surprise: shown in the colour of a warning. */
  alert?: boolean;
  /** On, and that is out of the ordinary: filled. */
  active?: boolean;
  permission?: Permission | undefined;
  onClick?: () => void;
  className?: string;
  ref?: Ref<HTMLButtonElement>;
} & Pick<ButtonProps, "id" | "aria-expanded" | "aria-haspopup">) {
  const styles = useStyles();
  const refused = permission?.allowed === false ? permission.why : undefined;
  const hint = refused ?? (shortcut === undefined ? label : `${label} (${shortcutLabel(shortcut, apple)})`);
  return (
    <Tooltip content={hint} relationship={refused === undefined ? "inaccessible" : "description"} withArrow>
      <Button
        {...rest}
        shape="circular"
        size="large"
        className={mergeClasses(styles.control, alert === true && styles.alert, active === true && styles.active, className)}
        aria-label={refused === undefined ? label : `${label} (not available)`}
        {...(shortcut === undefined ? {} : { "aria-keyshortcuts": ariaShortcut(shortcut) })}
        data-testid={testId}
        data-on={on}
        data-refused={refused !== undefined}
        icon={icon}
        style={refused === undefined ? undefined : { opacity: 0.5 }}
      />
    </Tooltip>
  );
}
