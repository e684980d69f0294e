// Where the SDK runs. Everything is an own property, because applications copy this object with a spread.
import { Emitter } from '../core/emitter';
import type { ClientPresence } from './client-presence';
import type { DebugInfoFeature, EnvironmentInfo } from '../public/types/features-media';

type Events = { isCallClientActiveInAnotherTabChanged: () => void };

/** Tells platform and browser, and whether this SDK supports them. */
export class DebugInfo implements DebugInfoFeature {
  readonly name = 'DebugInfo';
  declare readonly isCallClientActiveInAnotherTab: boolean;
  readonly on: DebugInfoFeature['on'];
  readonly off: DebugInfoFeature['off'];
  readonly getEnvironmentInfo = (): Promise<EnvironmentInfo> => Promise.resolve(environment(globalThis.navigator?.userAgent ?? ''));

  readonly dispose: () => void;

  constructor(presence: ClientPresence) {
    const events = new Emitter<Events>();
    const changed = (): void => { events.emit('isCallClientActiveInAnotherTabChanged'); };
    presence.on('changed', changed);
    this.on = events.on;
    this.off = events.off;
    this.dispose = () => { presence.off('changed', changed); };
    // A copy keeps the value of the moment in which it was made.
    Object.defineProperty(this, 'isCallClientActiveInAnotherTab', { get: () => presence.isElsewhere, enumerable: true });
  }
}

const BROWSERS: readonly (readonly [string, RegExp])[] = [
  ['edge', /\bEdg(?:A|iOS)?\/([\d.]+)/],
  ['firefox', /\bFirefox\/([\d.]+)/],
  ['chrome', /\b(?:Headless)?Chrom(?:e|ium)\/([\d.]+)/],
  ['safari', /\bVersion\/([\d.]+).*\bSafari\//],
];
const PLATFORMS: readonly (readonly [string, RegExp])[] = [
  ['iOS', /\b(?:iPhone|iPad|iPod)\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['Mac', /\bMac(?:intosh| OS X)\b/],
  ['Linux', /\bLinux\b|\bX11\b/],
];

/** Reads a user agent string. */
export function environment(userAgent: string): EnvironmentInfo {
  let browser = 'unknown';
  let browserVersion = '';
  for (const [name, pattern] of BROWSERS) {
    const found = pattern.exec(userAgent);
    if (!found) continue;
    browser = name;
    browserVersion = found[1] ?? '';
    break;
  }
  const platform = PLATFORMS.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? 'unknown';
  const capable = typeof RTCPeerConnection !== 'undefined' && typeof WebSocket !== 'undefined';
  return {
    environment: { platform, browser, browserVersion },
    isSupportedPlatform: true,
    isSupportedBrowser: capable,
    isSupportedBrowserVersion: capable,
    isSupportedEnvironment: capable,
  };
}
