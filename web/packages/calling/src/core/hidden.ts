// Members that do not show when an object is copied, written down or compared. Pure.

/**
 * Takes these members of an object out of sight: spreads, `JSON.stringify` and developer tools of applications' state skip them. For objects that
 * applications keep in their state and that know the session, which knows the access token.
 */
export function hide(target: object, ...names: readonly string[]): void {
  for (const name of names) Object.defineProperty(target, name, { enumerable: false });
}
