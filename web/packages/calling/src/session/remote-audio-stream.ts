// The sound of the call as one stream. The SDK plays it by itself; this is for applications that record or measure.
// Invariant: meters that applications forgot end with the call.
import { VolumeMeter } from '../adapters/volume-meter';
import { failure } from '../core/errors';
import type { RemoteAudioStream, Volume } from '../public/types/streams';
import type { MediaPath } from './media-path';

/** All audio slots together. */
export class RemoteAudio implements RemoteAudioStream {
  readonly id = 1;
  private readonly meters = new Set<VolumeMeter>();

  constructor(private readonly path: MediaPath) {}

  readonly getMediaStream = (): Promise<MediaStream> => {
    const stream = this.path.audioStream();
    return stream ? Promise.resolve(stream) : Promise.reject(failure('streamNotAvailable'));
  };

  readonly getVolume = async (): Promise<Volume> => {
    const meter = new VolumeMeter(await this.getMediaStream());
    this.meters.add(meter);
    return meter;
  };

  /** The call is over. */
  close(): void {
    for (const meter of this.meters) meter.dispose();
    this.meters.clear();
  }
}
