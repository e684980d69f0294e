/** Joining with the calling SDK: credentials, agents, and who the person is. The SDK is loaded when somebody comes to a join page. */
import { CallClient, LocalAudioStream, LocalVideoStream, type MeetingLocator } from "@anteroom/calling";
import { forgetVisitor, visitorToken } from "../api/visitor";
import { HttpChat } from "../chat/chat-server";
import { MemberChatToken } from "../chat/chat-token";
import type { Session } from "../session/session";
import { DevicesModel } from "./devices-model";
import { identityOf } from "./identity";
import type { Entrance, JoinAs, JoinServices } from "./join-model";

type Credential = Parameters<CallClient["createCallAgent"]>[0];

export class SdkEntrances implements JoinServices {
  private readonly client = new CallClient({ diagnostics: { appName: "anteroom-meet" } });

  constructor(
    private readonly session: Session,
    private readonly storage: Storage,
  ) {}

  readonly now = (): number => Date.now();

  readonly after = (ms: number, action: () => void): (() => void) => {
    const timer = setTimeout(action, ms);
    return () => {
      clearTimeout(timer);
    };
  };

  forgetToken(): void {
    forgetVisitor(this.storage);
  }

  async devices(): Promise<DevicesModel> {
    return new DevicesModel(await this.client.getDeviceManager(), {
      video: (camera) => new LocalVideoStream(camera),
      audio: (microphone) => new LocalAudioStream(microphone),
    });
  }

  enter(as: JoinAs): Promise<Entrance> {
    return as.kind === "member" ? this.enterAsMember() : this.enterAsVisitor(as.name);
  }

  private async enterAsMember(): Promise<Entrance> {
    const { member } = await this.session.grant();
    const agent = await this.client.createTeamsCallAgent(
      credential(async () => {
        const grant = await this.session.grant();
        return { token: grant.accessToken, expiresOnTimestamp: grant.expires };
      }),
    );
    return {
      own: { id: `8:orgid:${member.id}`, name: member.name },
      chat: new HttpChat(new MemberChatToken(this.session.token, this.now).token, member.name),
      join: (locator: MeetingLocator, options) => agent.join(locator, options),
      dispose: () => agent.dispose(),
    };
  }

  private async enterAsVisitor(displayName: string): Promise<Entrance> {
    const first = await visitorToken(this.storage, this.now);
    const agent = await this.client.createCallAgent(
      credential(async () => {
        const { token, expires } = await visitorToken(this.storage, this.now);
        return { token, expiresOnTimestamp: expires };
      }),
      { displayName },
    );
    return {
      own: { id: identityOf(first.token) ?? "", name: displayName },
      chat: new HttpChat(async () => (await visitorToken(this.storage, this.now)).token, displayName),
      join: (locator, options) => agent.join(locator, options),
      dispose: () => agent.dispose(),
    };
  }
}

function credential(getToken: () => Promise<{ token: string; expiresOnTimestamp: number }>): Credential {
  return { getToken, dispose: () => undefined };
}
