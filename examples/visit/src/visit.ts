/** One visit: from the wish to join to its end. Knows the calling SDK and the screens; the others on the stage are in `tiles`. */
import { AzureCommunicationTokenCredential } from '@azure/communication-common';
import type { Call, CallClient } from '@anteroom/calling';

import type { VisitTicket } from './api.js';
import type { Devices } from './devices.js';
import { byId, dress, showEnd, showScreen } from './dom.js';
import { endText } from './end-text.js';
import { Tiles } from './tiles.js';

export interface VisitOptions {
  client: CallClient;
  devices: Devices;
  name: string;
  ticket: VisitTicket;
  /** Gives a fresh token of the same person when the first one expires. */
  renew: () => Promise<string>;
}

export class Visit {
  private tiles: Tiles | undefined;

  private constructor(
    private readonly call: Call,
    private readonly devices: Devices,
  ) {}

  /** Joins and resolves when the visit is over. */
  static async run({ client, devices, name, ticket, renew }: VisitOptions): Promise<void> {
    showScreen('connecting');
    const credential = new AzureCommunicationTokenCredential({ token: ticket.token, tokenRefresher: renew, refreshProactively: false });
    const agent = await client.createCallAgent(credential, { displayName: name });
    try {
      const camera = devices.wanted;
      const call = agent.join(
        { meetingLink: ticket.joinUrl },
        { audioOptions: { muted: devices.muted }, ...(camera === undefined ? {} : { videoOptions: { localVideoStreams: [camera] } }) },
      );
      await new Visit(call, devices).untilEnd();
    } finally {
      await agent.dispose();
      credential.dispose();
    }
  }

  private untilEnd(): Promise<void> {
    const controls = new AbortController();
    this.bindControls(controls.signal);
    return new Promise((resolve) => {
      const stateChanged = (): void => {
        if (this.call.state === 'Disconnected') {
          this.call.off('stateChanged', stateChanged);
          controls.abort();
          this.ended();
          resolve();
        } else {
          this.entered();
        }
      };
      this.call.on('stateChanged', stateChanged);
      stateChanged();
    });
  }

  private entered(): void {
    if (this.call.state === 'InLobby') {
      showScreen('waiting');
      this.showOwnPicture('waiting-preview');
    } else if (this.call.state === 'Connected' && this.tiles === undefined) {
      this.tiles = new Tiles(this.call);
      showScreen('stage');
      this.showOwnPicture('self');
      this.refreshControls();
    }
  }

  private ended(): void {
    this.tiles?.end();
    this.devices.hide();
    showEnd(endText(this.call.callEndReason));
  }

  private bindControls(signal: AbortSignal): void {
    const click = (id: string, action: () => Promise<void>): void => {
      const button = byId(id, HTMLButtonElement);
      button.addEventListener('click', () => void this.once(button, action), { signal });
    };
    click('mute', () => (this.call.isMuted ? this.call.unmute() : this.call.mute()));
    click('share', () => (this.call.isScreenSharingOn ? this.call.stopScreenSharing() : this.call.startScreenSharing()));
    click('camera', () => this.toggleCamera());
    document.querySelectorAll<HTMLButtonElement>('[data-leave]').forEach((button) => {
      button.addEventListener('click', () => void this.once(button, () => this.call.hangUp()), { signal });
    });
    const refresh = (): void => {
      this.refreshControls();
    };
    for (const event of ['isMutedChanged', 'isScreenSharingOnChanged', 'isLocalVideoStartedChanged'] as const) {
      this.call.on(event, refresh);
      signal.addEventListener('abort', () => {
        this.call.off(event, refresh);
      });
    }
    this.refreshControls();
  }

  /** Runs what a control does, once at a time; what fails is said, nothing else changes. */
  private async once(button: HTMLButtonElement, action: () => Promise<void>): Promise<void> {
    button.disabled = true;
    try {
      await action();
    } catch (error) {
      byId('announce', HTMLElement).textContent = error instanceof Error ? error.message : String(error);
    } finally {
      button.disabled = false;
      this.refreshControls();
    }
  }

  private async toggleCamera(): Promise<void> {
    const { camera } = this.devices;
    if (camera === undefined) return;
    if (this.call.isLocalVideoStarted) {
      await this.call.stopVideo(camera);
      this.devices.hide();
    } else {
      await this.call.startVideo(camera);
      await this.devices.show('self');
    }
  }

  private showOwnPicture(id: string): void {
    if (this.call.isLocalVideoStarted || this.devices.wanted !== undefined) void this.devices.show(id).catch(() => undefined);
  }

  private refreshControls(): void {
    const { isMuted, isScreenSharingOn, isLocalVideoStarted } = this.call;
    dress(byId('mute', HTMLButtonElement), isMuted ? 'muted' : 'microphone', isMuted ? 'Unmute' : 'Mute', isMuted);
    dress(byId('camera', HTMLButtonElement), isLocalVideoStarted ? 'camera' : 'cameraOff', isLocalVideoStarted ? 'Camera' : 'Camera off', !isLocalVideoStarted);
    dress(byId('share', HTMLButtonElement), 'share', isScreenSharingOn ? 'Stop sharing' : 'Share', isScreenSharingOn);
    byId('camera', HTMLButtonElement).disabled = this.devices.camera === undefined;
  }
}
