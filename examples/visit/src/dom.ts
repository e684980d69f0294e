/** The page's elements and screens. */

/** The element with this id; the page and this code belong together, so a missing one is a defect. */
export function byId<E extends HTMLElement>(id: string, kind: abstract new (...args: never[]) => E): E {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return element;
}

const SCREENS = ['loading', 'problem', 'check', 'connecting', 'waiting', 'stage', 'ended'] as const;
export type Screen = (typeof SCREENS)[number];

/** Shows one screen, hides the others and tells people who do not see it. */
export function showScreen(screen: Screen): void {
  for (const name of SCREENS) byId(name, HTMLElement).hidden = name !== screen;
  document.body.classList.toggle('in-visit', screen === 'stage');
  byId('announce', HTMLElement).textContent = byId(screen, HTMLElement).querySelector('h1')?.textContent ?? '';
}

/** Shows how a visit ended, or why there was none. */
export function showEnd({ title, reason, wasIn }: { title: string; reason: string; wasIn: boolean }): void {
  byId('ended-title', HTMLElement).textContent = title;
  byId('reason', HTMLElement).textContent = reason;
  byId('again', HTMLElement).textContent = wasIn ? 'Join again' : 'Try again';
  showScreen('ended');
}

const ICONS = {
  microphone: '<path d="M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3z"/><path d="M5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21"/>',
  muted: '<path d="M9 6a3 3 0 0 1 6 0v5M14 13.3A3 3 0 0 1 9 11V9M5.5 11a6.5 6.5 0 0 0 10.6 5M18.5 11a6.4 6.4 0 0 1-.5 2.5M12 17.5V21M4 4l16 16"/>',
  camera: '<rect x="3" y="6.5" width="12" height="11" rx="2.5"/><path d="m15 11 6-3.5v9L15 13z"/>',
  cameraOff: '<path d="M9 6.5h3.500a2.500 2.500 0 0 1 2.500 2.500v2l6-3.500v9l-3-1.800M15 15.500a2.500 2.500 0 0 1-2.500 2H5.500A2.500 2.500 0 0 1 3 15V9a2.500 2.500 0 0 1 2-2.450M4 4l16 16"/>',
  share: '<rect x="3" y="4.500" width="18" height="12" rx="2"/><path d="M12 13.500v-6M9.500 9.800 12 7.300l2.500 2.500M8 20h8"/>',
  leave: '<path d="M3.500 14.500c0-5 17-5 17 0l-.6 2.200-4-1-.3-2.200a9 9 0 0 0-7.200 0l-.3 2.200-4 1z"/>',
} as const;
export type Icon = keyof typeof ICONS;

/** An icon as an element. */
export function icon(name: Icon, size = 24): SVGSVGElement {
  const holder = document.createElement('template');
  holder.innerHTML =
    `<svg viewBox="0 0 24 24" width="${String(size)}" height="${String(size)}" fill="none" stroke="currentColor" stroke-width="1.7" ` +
    `stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${ICONS[name]}</svg>`;
  return holder.content.firstElementChild as SVGSVGElement;
}

/** Gives a control its icon, its word and whether it is pressed. */
export function dress(button: HTMLButtonElement, name: Icon, word: string, pressed?: boolean): void {
  const text = document.createElement('span');
  text.textContent = word;
  button.replaceChildren(icon(name), text);
  if (pressed !== undefined) button.setAttribute('aria-pressed', String(pressed));
}
