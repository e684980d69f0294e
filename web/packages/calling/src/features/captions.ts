// Captions: inert, the server does not caption yet. The kind is `Captions` for every call, which suits meetings and groups alike.
import { Emitter } from '../core/emitter';
import { unsupported } from '../core/errors';
import type { Captions, CaptionsCallFeature, CaptionsInfo } from '../public/types/features-media';
import { Feature } from './feature';

type Events = { CaptionsActiveChanged: () => void; CaptionsReceived: (info: CaptionsInfo) => void; SpokenLanguageChanged: () => void };

class InertCaptions extends Emitter<Events> implements Captions {
  readonly kind = 'Captions';
  readonly isCaptionsFeatureActive = false;
  readonly activeSpokenLanguage = '';

  get supportedSpokenLanguages(): string[] {
    return [];
  }

  startCaptions(): Promise<void> {
    return Promise.reject(unsupported('Captions are not available on this server.'));
  }

  stopCaptions(): Promise<void> {
    return Promise.resolve();
  }

  setSpokenLanguage(): Promise<void> {
    return Promise.reject(unsupported('Captions are not available on this server.'));
  }
}

/** Captions that never start. */
export class CaptionsOfCall extends Feature<{ CaptionsKindChanged: () => void }> implements CaptionsCallFeature {
  readonly name = 'Captions';
  readonly captions: Captions = new InertCaptions();
}
