// The entry of the SDK: makes agents and the one device manager.
import type { CommunicationTokenCredential } from '@azure/communication-common';

import { bindMethods } from '../core/emitter';
import type { CallAgent, CallAgentOptions, CallClientOptions, TeamsCallAgent, TeamsCallAgentOptions } from './types/call';
import type { DeviceManager } from './types/devices';
import type { CallClientFeature, CallClientFeatureFactory } from './types/feature-base';

/** Makes agents and the device manager. One per page. */
export class CallClient {
  private readonly features = new Map<object, CallClientFeature>();

  constructor(private readonly options: CallClientOptions = {}) {
    bindMethods(this);
  }

  /** An agent of a guest or visitor; resolves when the server knows it. */
  createCallAgent(credential: CommunicationTokenCredential, options?: CallAgentOptions): Promise<CallAgent> {
    return Promise.reject(new Error(String([credential, options, this.options])));
  }

  /** An agent of a member; resolves when the server knows it. */
  createTeamsCallAgent(credential: CommunicationTokenCredential, options?: TeamsCallAgentOptions): Promise<TeamsCallAgent> {
    return Promise.reject(new Error(String([credential, options])));
  }

  /** The device manager, the same one every time. */
  getDeviceManager(): Promise<DeviceManager> {
    return Promise.reject(new Error('not yet'));
  }

  /** One object per feature. */
  feature<TFeature extends CallClientFeature>(factory: CallClientFeatureFactory<TFeature>): TFeature {
    const known = this.features.get(factory);
    if (known) return known as TFeature;
    const made = new factory.callClientApiCtor(undefined as never);
    this.features.set(factory, made);
    return made;
  }

  /** Ends everything. */
  dispose(): Promise<void> {
    return Promise.resolve();
  }
}
