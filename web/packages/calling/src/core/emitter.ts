// Typed events, and methods that work through proxies.
//
// Owns: the listeners of one object. Invariants: `off` with an unknown listener does nothing; a listener that throws stops
// neither the other listeners nor the SDK; every method is bound, because applications call them with `this` set to a proxy.

/** A map of event names to listener types. */
export type EventMap<T> = { [K in keyof T]: (...args: never[]) => void };

/** Binds every method of the object's prototypes to the object itself. */
export function bindMethods(target: object): void {
  let prototype: object | null = Object.getPrototypeOf(target) as object | null;
  while (prototype !== null && prototype !== Object.prototype) {
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (name === 'constructor' || typeof descriptor.value !== 'function' || Object.hasOwn(target, name)) continue;
      const method = descriptor.value as (...args: unknown[]) => unknown;
      Object.defineProperty(target, name, { value: method.bind(target), writable: true, configurable: true, enumerable: false });
    }
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
}

/** Tells the page about an error of its own listener without stopping the SDK. */
export function reportListenerError(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error);
  // eslint-disable-next-line no-console -- the last resort where the platform has no reportError
  else console.error(error);
}

/** Keeps listeners and calls them. */
export class Emitter<TEvents extends EventMap<TEvents>> {
  private readonly listeners = new Map<keyof TEvents, Set<(...args: never[]) => void>>();

  constructor() {
    bindMethods(this);
  }

  /** Calls the listener for each later event. */
  on<K extends keyof TEvents & string>(event: K, listener: TEvents[K]): void {
    const known = this.listeners.get(event);
    if (known) known.add(listener);
    else this.listeners.set(event, new Set([listener]));
  }

  /** Ends what `on` began. */
  off<K extends keyof TEvents & string>(event: K, listener: TEvents[K]): void {
    this.listeners.get(event)?.delete(listener);
  }

  /** Calls the listeners; not part of the public surface. */
  emit<K extends keyof TEvents & string>(event: K, ...args: Parameters<TEvents[K]>): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) {
      try {
        listener(...args);
      } catch (error) {
        reportListenerError(error);
      }
    }
  }

  /** Forgets all listeners. */
  protected clearListeners(): void {
    this.listeners.clear();
  }
}
