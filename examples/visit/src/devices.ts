/** Camera and microphone before and during the visit: permission, choice, and the picture of oneself. */
import { LocalVideoStream, VideoStreamRenderer } from '@anteroom/calling';
import type { DeviceManager, VideoDeviceInfo } from '@anteroom/calling';

import { byId } from './dom.js';

export class Devices {
  /** The own camera, when there is one and it is wanted. */
  camera: LocalVideoStream | undefined;
  private renderer: VideoStreamRenderer | undefined;
  private readonly wantsCamera = byId('check-camera', HTMLInputElement);
  private readonly wantsMicrophone = byId('check-microphone', HTMLInputElement);
  private readonly text = byId('preview-text', HTMLParagraphElement);

  constructor(private readonly manager: DeviceManager) {}

  get muted(): boolean {
    return !this.wantsMicrophone.checked;
  }

  /** Asks for permission and shows the preview; a person without camera or microphone can join all the same. */
  async start(): Promise<void> {
    const { audio, video } = await this.manager.askDevicePermission({ audio: true, video: true }).catch(() => ({ audio: false, video: false }));
    if (!audio) switchOff(this.wantsMicrophone);
    const cameras = video ? await this.manager.getCameras() : [];
    const [first] = cameras;
    if (first === undefined) {
      switchOff(this.wantsCamera);
      this.text.textContent = video ? 'No camera was found. You can join without one.' : 'The camera is not allowed. You can join without it.';
    } else {
      await this.use(first);
    }
    choice('camera', cameras, (camera) => this.use(camera));
    if (audio) {
      choice('microphone', await this.manager.getMicrophones(), (microphone) => this.manager.selectMicrophone(microphone));
    }
    this.wantsCamera.addEventListener('change', () => {
      void (this.wantsCamera.checked ? this.show('preview') : Promise.resolve(this.hide()));
      this.text.textContent = this.wantsCamera.checked ? '' : 'Your camera is off.';
    });
  }

  /** The camera, if the person wants to be seen. */
  get wanted(): LocalVideoStream | undefined {
    return this.wantsCamera.checked ? this.camera : undefined;
  }

  /** Shows the own picture in the element with this id, and nowhere else. */
  async show(id: string): Promise<void> {
    this.hide();
    if (this.camera === undefined) return;
    const renderer = new VideoStreamRenderer(this.camera);
    this.renderer = renderer;
    const view = await renderer.createView({ scalingMode: 'Crop', isMirrored: true });
    if (this.renderer === renderer) byId(id, HTMLElement).append(view.target);
  }

  hide(): void {
    this.renderer?.dispose();
    this.renderer = undefined;
  }

  private async use(camera: VideoDeviceInfo): Promise<void> {
    if (this.camera === undefined) this.camera = new LocalVideoStream(camera, { autoDisposeOnCallEnd: false });
    else await this.camera.switchSource(camera);
    this.text.textContent = '';
    await this.show('preview').catch(() => {
      this.text.textContent = 'The camera could not be started; perhaps another program uses it.';
    });
  }
}

function switchOff(box: HTMLInputElement): void {
  box.checked = false;
  box.disabled = true;
}

/** Fills a picker when there is something to pick. */
function choice<D extends { id: string; name: string }>(name: 'camera' | 'microphone', devices: readonly D[], pick: (device: D) => Promise<void>): void {
  const field = byId(`${name}-field`, HTMLElement);
  const select = byId(`${name}-select`, HTMLSelectElement);
  field.hidden = devices.length < 2;
  select.replaceChildren(...devices.map((device) => new Option(device.name, device.id)));
  select.addEventListener('change', () => {
    const device = devices.find(({ id }) => id === select.value);
    if (device !== undefined) void pick(device);
  });
}
