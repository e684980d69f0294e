// Live slides: inert.
import type { PPTLiveCallFeature } from '../public/types/features-media';
import { Feature } from './feature';

/** Never active. */
export class PptLive extends Feature<{ isActiveChanged: () => void }> implements PPTLiveCallFeature {
  readonly name = 'PPTLive';
  readonly isActive = false;
  readonly activePresenterId: undefined = undefined;
  readonly target = undefined as unknown as HTMLElement;
}
