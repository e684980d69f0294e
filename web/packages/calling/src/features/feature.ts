// What all call features share: a name, events, and a subscription to the session that ends with the call.
import type { EventMap } from '../core/emitter';
import { Emitter } from '../core/emitter';
import { unsupported } from '../core/errors';
import type { CallContext, SessionEvents } from '../session/context';

/** Base of the features of a call. */
export abstract class Feature<TEvents extends EventMap<TEvents>> extends Emitter<TEvents> {
  abstract readonly name: string;
  private readonly owned: (() => void)[] = [];
  private disposed = false;

  constructor(protected readonly context: CallContext) {
    super();
  }

  /** Whether nothing begins any more: let go by the application, or the call is over. */
  protected get isOver(): boolean {
    return this.disposed || this.context.isOver;
  }

  /** Ends all listening. */
  dispose(): void {
    this.disposed = true;
    for (const end of this.owned.splice(0)) end();
    this.clearListeners();
  }

  /** Follows the session until disposed. */
  protected follow<K extends keyof SessionEvents>(event: K, listener: SessionEvents[K]): void {
    this.context.session.on(event, listener);
    this.owned.push(() => {
      this.context.session.off(event, listener);
    });
  }

  /** The answer of everything that this server does not do yet. */
  protected refuse(): Promise<never> {
    return Promise.reject(unsupported(`${this.name} is not available on this server.`));
  }
}
