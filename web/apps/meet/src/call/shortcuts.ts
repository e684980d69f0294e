export type ShortcutAction = "mic" | "camera" | "share" | "hand" | "people" | "leave";

const keys: Record<ShortcutAction, string> = { mic: "M", camera: "O", share: "E", hand: "K", people: "L", leave: "H" };

/** The action of a key press: Ctrl+Shift (⌘⇧ on Apple systems) and a letter. */
export function actionOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey" | "repeat">): ShortcutAction | undefined {
  if (!event.shiftKey || event.altKey || event.repeat || event.ctrlKey === event.metaKey) {
    return undefined;
  }
  const key = event.key.toUpperCase();
  return (Object.keys(keys) as ShortcutAction[]).find((action) => keys[action] === key);
}

/** How the shortcut is written in a tooltip. */
export function shortcutLabel(action: ShortcutAction, apple: boolean): string {
  return apple ? `⌘⇧${keys[action]}` : `Ctrl+Shift+${keys[action]}`;
}

/** The same in the form that `aria-keyshortcuts` wants. */
export function ariaShortcut(action: ShortcutAction): string {
  return `Control+Shift+${keys[action]} Meta+Shift+${keys[action]}`;
}
