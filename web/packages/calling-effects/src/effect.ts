// What every effect shares: it has a name, and says that it is not processed here.

/** What an effect gets to work on. */
export interface EffectInput {
  stream: MediaStream;
  [key: string]: unknown;
}

/** What an effect makes of it. */
export interface EffectOutput {
  stream: MediaStream;
}

/** Starting an effect that is not processed. */
export class EffectNotSupportedError extends Error {
  override readonly name = 'EffectNotSupportedError';
  readonly code = 'effectNotSupported';

  constructor(effect: string) {
    super(`The effect ${effect} is not available; ask isSupported() before you offer it. The picture and the sound stay as they are.`);
  }
}

/** The common part of all effects. */
export abstract class Effect<N extends string> {
  constructor(readonly name: N) {
    this.isSupported = this.isSupported.bind(this);
    this.startEffects = this.startEffects.bind(this);
    this.stopEffects = this.stopEffects.bind(this);
  }

  /** Whether this effect can be started here. */
  isSupported(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** Fails while the effect is not processed; the input is left alone. */
  startEffects(_input: EffectInput): Promise<EffectOutput> {
    return Promise.reject(new EffectNotSupportedError(this.name));
  }

  /** Nothing was started, so nothing is to be stopped. */
  stopEffects(): void {
    // Effects that are processed will end their work here.
  }
}
