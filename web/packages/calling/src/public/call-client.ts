// The entry of the SDK: makes agents and the one device manager.
//
// Owns: the live agents of this client. Invariants: one device manager for the life of the client; one live agent per identity.
import type { CommunicationTokenCredential } from '@azure/communication-common';

import { BrowserDeviceManager } from '../adapters/device-manager';
import type { Platform } from '../adapters/platform';
import { browserPlatform } from '../adapters/platform';
import { bindMethods } from '../core/emitter';
import { CallingError, failure } from '../core/errors';
import type { FailureName } from '../core/errors';
import { ClientPresence } from '../features/client-presence';
import { AgentSession } from '../session/agent-session';
import { VERSION } from '../version';
import type { AgentParts } from './agent';
import { CallAgentView, TeamsCallAgentView } from './agent';
import type { CallAgent, CallAgentOptions, CallClientOptions, TeamsCallAgent, TeamsCallAgentOptions } from './types/call';
import type { DeviceManager } from './types/devices';
import type { CallClientFeature, CallClientFeatureFactory } from './types/feature-base';

interface LiveAgent {
  readonly id: string;
  dispose(): Promise<void>;
}

/** Makes agents and the device manager. One per page. */
export class CallClient {
  private readonly features = new Map<object, CallClientFeature>();
  private readonly agents = new Set<LiveAgent>();
  private readonly connecting = new Set<AgentSession>();
  private manager: Promise<BrowserDeviceManager> | undefined;
  private generation = 0;
  private readonly platform: Platform;
  private readonly presence: ClientPresence;

  constructor(private readonly options: CallClientOptions = {}) {
    this.platform = (options as { [PLATFORM]?: Platform })[PLATFORM] ?? browserPlatform;
    this.presence = new ClientPresence(this.platform);
    bindMethods(this);
  }

  /** An agent of a guest or visitor; resolves when the server knows it. */
  createCallAgent(credential: CommunicationTokenCredential, options: CallAgentOptions = {}): Promise<CallAgent> {
    return this.create(credential, options.displayName, 'agentExists', (parts) => new CallAgentView(parts));
  }

  /** An agent of a member; resolves when the server knows it. */
  createTeamsCallAgent(credential: CommunicationTokenCredential, _options: TeamsCallAgentOptions = {}): Promise<TeamsCallAgent> {
    return this.create(credential, undefined, 'teamsAgentExists', (parts) => new TeamsCallAgentView(parts));
  }

  /** The device manager, the same one every time. */
  getDeviceManager(): Promise<DeviceManager> {
    return this.deviceManager();
  }

  /** One object per feature. */
  feature<TFeature extends CallClientFeature>(factory: CallClientFeatureFactory<TFeature>): TFeature {
    const known = this.features.get(factory);
    if (known) return known as TFeature;
    const made = new factory.callClientApiCtor(this.presence as never);
    this.features.set(factory, made);
    return made;
  }

  /** Ends all agents and calls, also an agent that is still being created. Nothing is left of them. */
  async dispose(): Promise<void> {
    this.generation += 1;
    const { manager } = this;
    this.manager = undefined;
    for (const connection of [...this.connecting]) connection.close();
    const ending = [...this.agents].map((agent) => agent.dispose());
    for (const feature of this.features.values()) feature.dispose();
    this.features.clear();
    this.presence.setActive(false);
    await Promise.all(ending);
    (await manager)?.end();
  }

  private deviceManager(): Promise<BrowserDeviceManager> {
    this.manager ??= (async () => {
      const manager = new BrowserDeviceManager();
      await manager.begin();
      return manager;
    })();
    return this.manager;
  }

  private async create<TAgent extends { dispose(): Promise<void> }>(
    credential: CommunicationTokenCredential,
    displayName: string | undefined,
    taken: FailureName,
    make: (parts: AgentParts) => TAgent,
  ): Promise<TAgent> {
    const connection = new AgentSession(this.platform, credential, {
      signalUrl: this.options.signalUrl,
      appName: this.options.diagnostics?.appName,
      version: VERSION,
      iceServers: (this.options.networkConfiguration?.turn?.iceServers ?? []).map(({ urls, username, credential: secret }) => ({
        urls,
        username: username ?? null,
        credential: secret ?? null,
      })),
    });
    const { generation } = this;
    const devices = await this.connect(connection);
    if (generation !== this.generation) {
      connection.close();
      throw failure('clientDisposed');
    }
    if ([...this.agents].some(({ id }) => id === connection.ownId)) {
      connection.close();
      throw failure(taken);
    }
    const live: LiveAgent = { id: connection.ownId, dispose: () => agent.dispose() };
    const agent = make({
      connection,
      devices,
      displayName,
      onDisposed: () => {
        this.agents.delete(live);
        this.presence.setActive(this.agents.size > 0);
      },
    });
    this.agents.add(live);
    this.presence.setActive(true);
    return agent;
  }

  private async connect(connection: AgentSession): Promise<BrowserDeviceManager> {
    this.connecting.add(connection);
    try {
      const [devices] = await Promise.all([this.deviceManager(), connection.connect()]);
      return devices;
    } catch (error) {
      connection.close();
      throw error instanceof CallingError ? error : failure('agentCreationFailed', error);
    } finally {
      this.connecting.delete(connection);
    }
  }
}

/** Key under which tests hand in their own surroundings. */
export const PLATFORM: unique symbol = Symbol('anteroom.platform');
