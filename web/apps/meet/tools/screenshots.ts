/**
 * Takes pictures of every page of the built app against a mocked server, on a desktop and a phone, light and dark.
 * `npm run build && npm run screenshots [-- part-of-a-name]`; the pictures go to `screenshots/` (not committed).
 * The calling SDK is the real one; its server is a mocked WebSocket, so nobody's video but the own (fake) camera is seen.
 */
import { mkdir } from "node:fs/promises";
import { chromium, type Browser, type Page, type WebSocketRoute } from "playwright-core";
import { preview } from "vite";
import { qualityCalls, qualitySessions } from "./quality-fixtures";
import { chatMessages, clientId, config, jwt, keptSignIn, meetings, organizerRawId, settings, snapshot, tenantId, type Features } from "./fixtures";

interface Scene {
  name: string;
  path: string;
  signedIn?: boolean;
  /** What the mocked server does after `join`. */
  call?: { wait?: boolean; notStarted?: boolean; crowd?: number; lobby?: boolean; organizer?: boolean; features?: Features; end?: Record<string, unknown> };
  empty?: boolean;
  /** The whole page, not only what the window shows of it. */
  whole?: boolean;
  /** The chat of the meeting: with messages, off by policy, or with a message that comes after a while; empty otherwise. */
  chat?: "talk" | "off" | "news";
  act?: (page: Page) => Promise<void>;
}

const maria = "8:acs:11111111-2222-3333-4444-555555555555_0001";
const visitorId = "8:teamsvisitor:own";
const joinPath = "/l/meetup-join/19%3ameeting_M2Y0%40thread.v2/0?context=%7b%7d";

async function joinNow(page: Page) {
  const name = page.getByTestId("name-input");
  await page.getByTestId("join-now").waitFor();
  if ((await name.count()) > 0) {
    await name.fill("Maria Lindqvist");
  }
  await page.getByTestId("join-now").click();
}

async function enter(page: Page) {
  await joinNow(page);
  await page.getByTestId("stage").waitFor();
  await page.waitForTimeout(1200);
}

/** On a phone the chat is in the menu. */
async function openChat(page: Page) {
  if (!(await page.getByTestId("control-chat").isVisible())) {
    await page.getByTestId("control-more").click();
    await page.getByTestId("more-chat").click();
  } else {
    await page.getByTestId("control-chat").click();
  }
  await page.getByTestId("chat-input").waitFor();
  await page.waitForTimeout(600);
}

const scenes: Scene[] = [
  { name: "landing", path: "/" },
  { name: "meetings", path: "/", signedIn: true, act: async (page) => page.getByTestId("meeting-item").first().waitFor() },
  { name: "meetings-empty", path: "/", signedIn: true, empty: true, act: async (page) => page.getByTestId("no-meetings").waitFor() },
  {
    name: "schedule",
    path: "/",
    signedIn: true,
    act: async (page) => {
      await page.getByTestId("new-meeting").click();
      await page.getByTestId("subject-input").fill("Follow-up: Maria Lindqvist");
    },
  },
  { name: "meeting", path: "/meetings/MSo1%3D%3D", signedIn: true, act: async (page) => page.getByTestId("join-link-text").waitFor() },
  { name: "admin", path: "/admin", signedIn: true, act: async (page) => page.getByTestId("admin-page").waitFor() },
  { name: "admin-calls", path: "/admin/calls", signedIn: true, act: async (page) => page.getByTestId("calls-page").waitFor() },
  { name: "admin-calls-none", path: "/admin/calls", signedIn: true, empty: true, act: async (page) => page.getByTestId("no-calls").waitFor() },
  { name: "admin-call", path: "/admin/calls/running", signedIn: true, whole: true, act: async (page) => { await page.getByTestId("call-page").waitFor(); await page.locator("summary").nth(1).click(); } },
  { name: "join-guest", path: joinPath, act: async (page) => { await page.getByTestId("name-input").fill("Maria Lindqvist"); await page.waitForTimeout(1500); } },
  { name: "join-member", path: joinPath, signedIn: true, act: async (page) => { await page.getByTestId("join-now").waitFor(); await page.waitForTimeout(1500); } },
  { name: "lobby", path: joinPath, call: { wait: true }, act: async (page) => { await joinNow(page); await page.getByTestId("waiting-text").waitFor(); await page.waitForTimeout(800); } },
  { name: "call-alone", path: joinPath, signedIn: true, call: { organizer: true, crowd: 0 }, act: enter },
  { name: "call-two", path: joinPath, call: { crowd: 1 }, act: enter },
  { name: "call-notice", path: joinPath, call: { crowd: 1 }, act: async (page) => { await enter(page); await page.getByTestId("control-hand").click(); await page.getByTestId("call-notice").waitFor(); } },
  { name: "call-lobby-toast", path: joinPath, signedIn: true, call: { organizer: true, crowd: 3, lobby: true }, act: enter },
  { name: "call-people", path: joinPath, signedIn: true, call: { organizer: true, crowd: 5, lobby: true }, act: async (page) => { await enter(page); await page.getByTestId("control-people").click(); await page.waitForTimeout(400); } },
  { name: "call-chat", path: joinPath, signedIn: true, chat: "talk", call: { organizer: true, crowd: 3 }, act: async (page) => { await enter(page); await openChat(page); await page.getByTestId("chat-input").fill("I send you the sheet once more"); } },
  { name: "call-chat-empty", path: joinPath, call: { crowd: 2 }, act: async (page) => { await enter(page); await openChat(page); } },
  { name: "call-chat-off", path: joinPath, signedIn: true, chat: "off", call: { organizer: true, crowd: 2 }, act: async (page) => { await enter(page); await openChat(page); await page.getByTestId("chat-why").waitFor(); } },
  { name: "call-chat-unread", path: joinPath, signedIn: true, chat: "news", call: { organizer: true, crowd: 2 }, act: async (page) => { await enter(page); await page.locator("[data-testid=chat-unread]:visible").waitFor(); } },
  { name: "call-crowd", path: joinPath, signedIn: true, call: { organizer: true, crowd: 11 }, act: enter },
  { name: "call-leave-menu", path: joinPath, signedIn: true, call: { organizer: true, crowd: 2 }, act: async (page) => { await enter(page); await page.getByTestId("control-leave").click(); await page.waitForTimeout(400); } },
  { name: "call-reactions", path: joinPath, signedIn: true, call: { organizer: true, crowd: 4 }, act: async (page) => { await enter(page); await page.getByTestId("control-react").click(); await page.waitForTimeout(1500); } },
  { name: "call-more", path: joinPath, signedIn: true, call: { organizer: true, crowd: 3, features: { captions: true } }, act: async (page) => { await enter(page); await page.getByTestId("control-more").click(); await page.waitForTimeout(400); } },
  { name: "call-person", path: joinPath, signedIn: true, call: { organizer: true, crowd: 5, features: { spotlight: true } }, act: async (page) => { await enter(page); await page.getByTestId("control-people").click(); await page.getByTestId("roster-item").nth(2).getByTestId("person-menu").click(); await page.waitForTimeout(400); } },
  { name: "call-attendees", path: joinPath, signedIn: true, call: { organizer: true, crowd: 5 }, act: async (page) => { await enter(page); await page.getByTestId("control-people").click(); await page.getByTestId("attendees-menu").click(); await page.waitForTimeout(400); } },
  { name: "call-spotlight", path: joinPath, call: { crowd: 5, features: { spotlight: true } }, act: enter },
  { name: "call-captions", path: joinPath, call: { crowd: 3, features: { captions: true } }, act: async (page) => { await enter(page); await page.getByTestId("caption").last().waitFor(); } },
  { name: "call-recording", path: joinPath, signedIn: true, call: { organizer: true, crowd: 3, features: { recording: true } }, act: enter },
  { name: "call-consent", path: joinPath, call: { crowd: 3, features: { recording: true, consent: true } }, act: enter },
  { name: "call-listening", path: joinPath, call: { crowd: 3, features: { recording: true, consent: true } }, act: async (page) => { await enter(page); await page.getByTestId("consent-listen").click(); await page.waitForTimeout(400); } },
  { name: "call-together", path: joinPath, call: { crowd: 6, features: { together: true } }, act: async (page) => { await enter(page); await page.waitForTimeout(1500); } },
  { name: "call-rooms-plan", path: joinPath, signedIn: true, call: { organizer: true, crowd: 5 }, act: async (page) => { await enter(page); await page.getByTestId("control-more").click(); await page.getByTestId("show-rooms").click(); await page.waitForTimeout(400); } },
  { name: "call-rooms-open", path: joinPath, signedIn: true, call: { organizer: true, crowd: 5, features: { rooms: "open" } }, act: async (page) => { await enter(page); await page.getByTestId("control-more").click(); await page.getByTestId("show-rooms").click(); await page.waitForTimeout(400); } },
  { name: "call-room-prompt", path: joinPath, call: { crowd: 2, features: { rooms: "assigned" } }, act: enter },
  { name: "call-room", path: joinPath, call: { crowd: 2, features: { rooms: "inside" } }, act: enter },
  {
    name: "refused",
    path: joinPath,
    call: { end: { code: 403, subCode: 5222, name: "anonymousJoinDisabledByPolicy", message: "The organizer's meetings are not open to people without an account.", cause: "c", fixableBy: "administrator", policy: "AllowAnonymousUsersToJoinMeeting" } },
    act: async (page) => { await joinNow(page); await page.getByTestId("end-screen").waitFor(); },
  },
  { name: "denied", path: joinPath, call: { wait: true, end: { code: 403, subCode: 5854, name: "lobbyDenied", message: "You were not admitted to the meeting.", cause: "c", fixableBy: "organizer", policy: null } }, act: async (page) => { await joinNow(page); await page.getByTestId("end-screen").waitFor(); } },
];

function serve(socket: WebSocketRoute, scene: Scene): void {
  const call = scene.call ?? {};
  const organizer = call.organizer === true;
  const ownId = organizer ? organizerRawId : visitorId;
  let revision = 0;
  const send = (frame: unknown) => {
    socket.send(JSON.stringify(frame));
  };
  const event = (body: unknown) => {
    revision += 1;
    send({ type: "event", call: "c1", revision, event: body });
  };
  socket.onMessage((text) => {
    const frame = JSON.parse(String(text)) as { type: string; id?: number; request?: { body: { type: string } } };
    if (frame.type === "hello") {
      send({ type: "welcome", protocol: 1, id: ownId, displayName: organizer ? "Anna Berg" : null, kind: organizer ? "member" : "visitor", iceServers: [], heartbeatMs: 15000, resumed: [], lost: [] });
      return;
    }
    if (frame.type === "ping") {
      send({ type: "pong" });
      return;
    }
    const ok = (reply: unknown) => {
      send({ type: "response", id: frame.id, outcome: { type: "ok", reply } });
    };
    switch (frame.request?.body.type) {
      case "join":
        if (call.end !== undefined && call.wait !== true) {
          send({ type: "response", id: frame.id, outcome: { type: "refused", refusal: call.end } });
          return;
        }
        ok({ type: "joined", call: "c1", session: "own", resumeTicket: "t", waiting: call.wait === true });
        if (call.wait === true) {
          event({ type: "waiting", notStarted: call.notStarted === true });
          if (call.end !== undefined) {
            setTimeout(() => { event({ type: "ended", reason: call.end }); }, 500);
          }
        } else {
          event({ type: "snapshot", snapshot: snapshot(ownId, { crowd: call.crowd ?? 1, lobby: call.lobby === true, organizer, ...(call.features === undefined ? {} : { features: call.features }) }) });
          if (scene.name === "call-reactions") setTimeout(() => { event({ type: "reaction", participant: maria, reaction: "applause" }); event({ type: "reaction", participant: ownId, reaction: "heart" }); }, 1500);
          if (call.features?.captions === true) {
            const caption = (utterance: number, participant: string, displayName: string, text: string, isFinal: boolean) =>
              event({ type: "caption", caption: { participant, displayName, utterance, isFinal, text, spokenLanguage: "en-us", captionText: null, captionLanguage: null, at: new Date().toISOString() } });
            setTimeout(() => {
              caption(1, maria, "Maria Lindqvist", "the knee is better since I walk every morning", true);
              caption(2, "8:orgid:22222222-bbfd-4b2d-9b5d-ab8dfbbd4bed", "Ben Okafor", "good, then we go on with the exercises and look at it again in", false);
            }, 900);
          }
          setTimeout(() => { event({ type: "speaking", changes: [{ id: maria, speaking: true }], dominant: [] }); }, 600);
        }
        return;
      case "offerMedia":
        // Never answered: a picture is taken long before anybody gives up.
        return;
      default:
        ok({ type: "done" });
    }
  });
}

async function shoot(browser: Browser, origin: string, scene: Scene, device: "desktop" | "phone", shade: "light" | "dark"): Promise<void> {
  const context = await browser.newContext({
    viewport: device === "desktop" ? { width: 1280, height: 800 } : { width: 390, height: 844 },
    deviceScaleFactor: device === "desktop" ? 1 : 2,
    hasTouch: device === "phone",
    colorScheme: shade,
    permissions: ["camera", "microphone", "clipboard-write"],
    locale: "en-GB",
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => { console.log(`  ${scene.name}: ${error.message}`); });
  page.on("console", (message) => { if (message.type() === "error" || message.type() === "warning") console.log(`  ${scene.name}: ${message.text()}`); });
  const json = (body: unknown) => ({ contentType: "application/json", body: JSON.stringify(body) });
  await page.route("**/api/config", (route) => route.fulfill(json(config)));
  await page.route("**/api/admin/settings", (route) => route.fulfill(json(settings)));
  await page.route("**/api/admin/calls**", (route) => route.fulfill(json({ calls: scene.empty === true ? [] : qualityCalls(Date.now()), next: scene.empty === true ? null : "mark" })));
  await page.route("**/api/admin/calls/**", (route) =>
    route.fulfill(json(route.request().url().endsWith("/sessions") ? { sessions: qualitySessions(Date.now()), next: null } : qualityCalls(Date.now())[0])),
  );
  await page.route("**/api/visitor/token", (route) =>
    route.fulfill(json({ token: jwt({ skypeid: visitorId.slice(2), anteroomSignal: `${origin.replace("http", "ws")}/signal` }), expiresOn: new Date(Date.now() + 3_600_000).toISOString() })),
  );
  await page.route("**/api/chat/token", (route) => route.fulfill(json({ token: "t", expiresOn: new Date(Date.now() + 3_600_000).toISOString() })));
  const off = "an administrator has turned the chat of meetings off (policy MeetingChatEnabledType)";
  await page.route("**/api/chat/writing/**", (route) => route.fulfill(json(scene.chat === "off" ? { allowed: false, why: off } : { allowed: true, why: null })));
  let lists = 0;
  await page.route("**/chat/threads/**", (route) => {
    lists += 1;
    const all = chatMessages(maria, "8:orgid:22222222-bbfd-4b2d-9b5d-ab8dfbbd4bed");
    return route.fulfill(json({ value: scene.chat === "talk" || (scene.chat === "news" && lists > 1) ? all : [] }));
  });
  await page.route("**/v1.0/me/onlineMeetings**", (route) => {
    const id = /onlineMeetings\/([^?]+)/.exec(route.request().url())?.[1];
    const all = scene.empty === true ? [] : meetings(origin);
    return route.fulfill(json(id === undefined ? { value: all } : all.find((meeting) => meeting.id === decodeURIComponent(id))));
  });
  await page.routeWebSocket("**/signal", (socket) => { serve(socket, scene); });
  if (scene.signedIn === true) {
    const { key, value } = keptSignIn(origin);
    await page.addInitScript(([k, v]) => { localStorage.setItem(String(k), String(v)); }, [key, value]);
  }
  try {
    await page.goto(`${origin}${scene.path}`);
    await page.waitForLoadState("networkidle");
    await scene.act?.(page);
    await page.waitForTimeout(250);
  } catch (error) {
    console.log(`  ${scene.name} ${device} ${shade}: ${String(error).split("\n")[0] ?? ""}`);
  }
  await page.screenshot({ path: `screenshots/${scene.name}-${device}-${shade}.png`, fullPage: scene.whole === true });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (overflow > 0) {
    console.log(`  ${scene.name} ${device}: ${String(overflow)} px wider than the window`);
  }
  await context.close();
}

const only = process.argv.slice(2);
await mkdir("screenshots", { recursive: true });
const server = await preview({ preview: { host: "127.0.0.1", port: 4179, open: false }, logLevel: "error" });
const origin = server.resolvedUrls?.local[0]?.replace(/\/$/, "") ?? "http://127.0.0.1:4179";
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--disable-background-networking", "--no-first-run"],
});
console.log(`${origin}, tenant ${tenantId}, client ${clientId}`);
for (const scene of scenes.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)))) {
  console.log(scene.name);
  for (const device of ["desktop", "phone"] as const) {
    for (const shade of ["light", "dark"] as const) {
      await shoot(browser, origin, scene, device, shade);
    }
  }
}
await browser.close();
await server.close();
