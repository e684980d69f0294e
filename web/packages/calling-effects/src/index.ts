// The effects by their names and options. The common part is in effect.ts; tests: test/effects.test.ts.
import { Effect } from './effect.js';

export { EffectNotSupportedError } from './effect.js';
export type { EffectInput, EffectOutput } from './effect.js';

/** Options of the blur. */
export interface BackgroundBlurConfig {
  /** From 0 (none) to 1 (strong). */
  blurStrength?: number;
}

/** Blurs what is behind the person. */
export class BackgroundBlurEffect extends Effect<'BackgroundBlur'> {
  private config: BackgroundBlurConfig;

  constructor(options: BackgroundBlurConfig = {}) {
    super('BackgroundBlur');
    this.config = { ...options };
    this.configure = this.configure.bind(this);
  }

  /** The options in use. */
  get options(): BackgroundBlurConfig {
    return { ...this.config };
  }

  /** Changes the options. */
  configure(options: BackgroundBlurConfig): Promise<void> {
    this.config = { ...this.config, ...options };
    return Promise.resolve();
  }
}

/** Options of the replacement. */
export interface BackgroundReplacementConfig {
  /** Address of the picture to show behind the person. */
  backgroundImageUrl: string;
}

/** Shows a picture behind the person. */
export class BackgroundReplacementEffect extends Effect<'BackgroundReplacement'> {
  private config: BackgroundReplacementConfig;

  constructor(options: BackgroundReplacementConfig) {
    super('BackgroundReplacement');
    this.config = { ...options };
    this.configure = this.configure.bind(this);
  }

  /** The options in use. */
  get options(): BackgroundReplacementConfig {
    return { ...this.config };
  }

  /** Changes the options. */
  configure(options: BackgroundReplacementConfig): Promise<void> {
    this.config = { ...this.config, ...options };
    return Promise.resolve();
  }
}

/** Takes noise out of the microphone. */
export class DeepNoiseSuppressionEffect extends Effect<'DeepNoiseSuppression'> {
  constructor() {
    super('DeepNoiseSuppression');
  }
}
