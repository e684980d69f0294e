// The error of this package.
import type { MediaEffectFailure } from './contract.js';

/** An effect could not be started, or its settings could not be changed. */
export class EffectError extends Error implements MediaEffectFailure {
  override readonly name = 'EffectError';

  constructor(
    readonly code: MediaEffectFailure['code'],
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** Makes an `EffectError` of anything that was thrown. */
export function effectError(error: unknown, message: string): EffectError {
  if (error instanceof EffectError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new EffectError('FailedToProcess', `${message} (${detail})`, error);
}
