// A step between a source of media and everybody who uses it: an effect that turns the source's stream into another one.
import { failure } from '../core/errors';
import type { MediaEffect, MediaEffectReport } from '../public/types/effects';

/** A stream that is being processed. */
export interface StagedStream {
  readonly stream: MediaStream;
  stop(): void;
}

/** Begins processing a stream; fails when it cannot, and then nothing unprocessed may be used instead. */
export interface Stage {
  process(source: MediaStream): Promise<StagedStream>;
}

/** Whether an object keeps the contract of effects. */
export function isMediaEffect(effect: unknown): effect is MediaEffect {
  const known = effect as Partial<MediaEffect> | null | undefined;
  return typeof known?.createProcessor === 'function' && typeof known.prepare === 'function' && typeof known.isSupported === 'function';
}

/** The stage of an effect: processes the first track of a kind and leaves the other tracks as they are. */
export function stageOf(kind: 'audio' | 'video', effect: MediaEffect, report: MediaEffectReport): Stage {
  return {
    process: async (source) => {
      const track = source.getTracks().find((one) => one.kind === kind);
      if (!track) throw failure('effectFailed', `the stream has no ${kind}`);
      const processor = await effect.createProcessor(track, report);
      const others = source.getTracks().filter((one) => one !== track);
      return {
        stream: new MediaStream([processor.track, ...others]),
        stop: () => {
          processor.stop();
        },
      };
    },
  };
}
