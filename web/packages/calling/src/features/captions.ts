// Captions: words of others as the server's recogniser understands them, partial ones first, each replaced by the next of the same speaker.
//
// Owns: the captions object of a call and its events. Calls by a meeting's link, ID or coordinates have `TeamsCaptions` (with a caption language),
// all others `Captions`; the kind never changes. Invariants: active means that the server said so, not that it was asked; every `captionLanguage`
// is a string; each caption is a fresh object, because applications write into it. Tests: test/captions.test.ts.
import type { EventMap } from '../core/emitter';
import { Emitter } from '../core/emitter';
import type { MeetingMirror, Said } from '../core/mirror';
import { identifierOf } from '../core/roles';
import type {
  Captions,
  CaptionsCallFeature,
  CaptionsInfo,
  CaptionsResultType,
  StartCaptionsOptions,
  TeamsCaptions,
  TeamsCaptionsInfo,
} from '../public/types/features-media';
import type { CallContext } from '../session/context';
import type { Caption } from '../wire';
import { Feature } from './feature';

interface CommonEvents {
  CaptionsActiveChanged: () => void;
  SpokenLanguageChanged: () => void;
}
type PlainEvents = CommonEvents & { CaptionsReceived: (info: CaptionsInfo) => void };
type TeamsEvents = CommonEvents & { CaptionsReceived: (info: TeamsCaptionsInfo) => void; CaptionLanguageChanged: () => void };

/** What both kinds ask of the server and read of the mirror. */
class Control {
  constructor(private readonly context: CallContext) {}

  get active(): boolean {
    return isActive(this.context.mirror);
  }

  get spoken(): string {
    return spokenIn(this.context.mirror);
  }

  get spokenLanguages(): string[] {
    return [...(this.context.mirror.meeting?.captions.spokenLanguages ?? [])];
  }

  get caption(): string {
    return captionIn(this.context.mirror);
  }

  /** The spoken language is always a choice: then nothing is translated. */
  get captionLanguages(): string[] {
    const state = this.context.mirror.meeting?.captions;
    if (state === undefined || !state.available) return [];
    return [...new Set([state.spokenLanguage, ...state.captionLanguages])];
  }

  async start(options?: StartCaptionsOptions): Promise<void> {
    await this.context.request({ type: 'startCaptions', spokenLanguage: options?.spokenLanguage ?? null });
  }

  /** Before the call is joined and after its end there is nothing to stop. */
  async stop(): Promise<void> {
    if (this.context.mirror.phase !== 'in') return;
    await this.context.request({ type: 'stopCaptions' });
  }

  async speak(language: string): Promise<void> {
    await this.context.request({ type: 'setSpokenLanguage', language });
  }

  async translate(language: string): Promise<void> {
    await this.context.request({ type: 'setCaptionLanguage', language });
  }
}

/** What both kinds of captions have in common. */
abstract class CaptionsOfKind<TEvents extends EventMap<TEvents>> extends Emitter<TEvents> {
  constructor(protected readonly control: Control) {
    super();
  }

  get isCaptionsFeatureActive(): boolean {
    return this.control.active;
  }

  get activeSpokenLanguage(): string {
    return this.control.spoken;
  }

  get supportedSpokenLanguages(): string[] {
    return this.control.spokenLanguages;
  }

  startCaptions(options?: StartCaptionsOptions): Promise<void> {
    return this.control.start(options);
  }

  stopCaptions(): Promise<void> {
    return this.control.stop();
  }

  setSpokenLanguage(language: string): Promise<void> {
    return this.control.speak(language);
  }

  /** Ends all listening; not part of the public surface. */
  end(): void {
    this.clearListeners();
  }
}

class PlainCaptions extends CaptionsOfKind<PlainEvents> implements Captions {
  readonly kind = 'Captions';
}

class TranslatedCaptions extends CaptionsOfKind<TeamsEvents> implements TeamsCaptions {
  readonly kind = 'TeamsCaptions';

  get activeCaptionLanguage(): string {
    return this.control.caption;
  }

  get supportedCaptionLanguages(): string[] {
    return this.control.captionLanguages;
  }

  setCaptionLanguage(language: string): Promise<void> {
    return this.control.translate(language);
  }
}

/** Captions of a call. */
export class CaptionsOfCall extends Feature<{ CaptionsKindChanged: () => void }> implements CaptionsCallFeature {
  readonly name = 'Captions';
  readonly captions: Captions | TeamsCaptions;
  private readonly plain: PlainCaptions | undefined;
  private readonly teams: TranslatedCaptions | undefined;

  constructor(context: CallContext) {
    super(context);
    const control = new Control(context);
    if (context.isMeeting) this.captions = this.teams = new TranslatedCaptions(control);
    else this.captions = this.plain = new PlainCaptions(control);
    this.follow('mirrored', (previous, next) => {
      this.compare(previous, next);
    });
    this.follow('said', (event) => {
      this.hear(event);
    });
  }

  override dispose(): void {
    this.plain?.end();
    this.teams?.end();
    super.dispose();
  }

  private compare(previous: MeetingMirror, next: MeetingMirror): void {
    if (spokenIn(previous) !== spokenIn(next)) this.tell('SpokenLanguageChanged');
    if (captionIn(previous) !== captionIn(next)) this.teams?.emit('CaptionLanguageChanged');
    if (isActive(previous) !== isActive(next)) this.tell('CaptionsActiveChanged');
  }

  private tell(event: keyof CommonEvents): void {
    this.plain?.emit(event);
    this.teams?.emit(event);
  }

  private hear(event: Said): void {
    if (event.type !== 'caption' || !isActive(this.context.mirror)) return;
    const { caption } = event;
    this.plain?.emit('CaptionsReceived', { ...common(caption), spokenText: caption.text });
    this.teams?.emit('CaptionsReceived', {
      ...common(caption),
      spokenText: caption.text,
      captionText: caption.captionText ?? caption.text,
      captionLanguage: caption.captionLanguage ?? caption.spokenLanguage,
    });
  }
}

function common(caption: Caption) {
  const resultType: CaptionsResultType = caption.isFinal ? 'Final' : 'Partial';
  return {
    resultType,
    speaker: { identifier: identifierOf(caption.participant), displayName: caption.displayName },
    spokenLanguage: caption.spokenLanguage,
    timestamp: new Date(caption.at),
  };
}

function isActive({ phase, own }: MeetingMirror): boolean {
  return phase === 'in' && own?.captions != null;
}

function spokenIn({ meeting }: MeetingMirror): string {
  return meeting?.captions.spokenLanguage ?? '';
}

/** Before captions are on, what one would get: the spoken language. */
function captionIn(mirror: MeetingMirror): string {
  return mirror.own?.captions?.language ?? spokenIn(mirror);
}
