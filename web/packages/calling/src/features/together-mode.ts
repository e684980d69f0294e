// Together mode: inert, there is no mixer yet.
import type {
  TogetherModeCallFeature,
  TogetherModeListener,
  TogetherModeSceneSize,
  TogetherModeSeatingMap,
  TogetherModeVideoStream,
} from '../public/types/features-meeting';
import { Feature } from './feature';

type Events = {
  togetherModeStreamsUpdated: (args: { added: TogetherModeVideoStream[]; removed: TogetherModeVideoStream[] }) => void;
  togetherModeSceneUpdated: TogetherModeListener;
  togetherModeSeatingUpdated: TogetherModeListener;
};

/** No scene. */
export class TogetherMode extends Feature<Events> implements TogetherModeCallFeature {
  readonly name = 'TogetherMode';
  sceneSize: TogetherModeSceneSize | undefined = undefined;

  get togetherModeStream(): TogetherModeVideoStream[] {
    return [];
  }

  get togetherModeSeatingMap(): TogetherModeSeatingMap {
    return new Map();
  }

  start(): Promise<void> {
    return this.refuse();
  }
}
