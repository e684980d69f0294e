// What an application sends along with a call, to and from the wire's flat texts. Pure; tests: test/calls.test.ts.
//
// VoIP headers keep their own names; the others, which belong to telephone networks elsewhere, carry their sort before a colon. A VoIP
// header whose own name has a colon is marked too, so that nothing is taken for something else.
import type { CustomContext } from '../public/types/call';

const USER_TO_USER = 'sip:User-To-User';
const SIP = 'sip:';
const X = 'x:';
const VOIP = 'voip:';

type Flat = Record<string, string>;

/** As the wire has it. */
export function contextToWire(context: CustomContext | undefined): Flat {
  const flat: Flat = {};
  if (!context) return flat;
  if (context.userToUser !== undefined) flat[USER_TO_USER] = context.userToUser;
  for (const { key, value } of context.xHeaders ?? []) flat[X + key] = value;
  for (const { key, value } of context.sipHeaders ?? []) flat[SIP + key] = value;
  for (const { key, value } of context.voipHeaders ?? []) flat[key.includes(':') ? VOIP + key : key] = value;
  return flat;
}

/** As applications have it; nothing when nothing was sent. */
export function contextFromWire(flat: Readonly<Record<string, string | undefined>>): CustomContext | undefined {
  const context: Required<Omit<CustomContext, 'userToUser'>> & { userToUser?: string } = { xHeaders: [], sipHeaders: [], voipHeaders: [] };
  let any = false;
  for (const [name, value] of Object.entries(flat)) {
    if (value === undefined) continue;
    any = true;
    if (name === USER_TO_USER) context.userToUser = value;
    else if (name.startsWith(SIP)) context.sipHeaders.push({ key: name.slice(SIP.length), value });
    else if (name.startsWith(X)) context.xHeaders.push({ key: name.slice(X.length), value });
    else context.voipHeaders.push({ key: name.startsWith(VOIP) ? name.slice(VOIP.length) : name, value });
  }
  return any ? context : undefined;
}
