import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";
const ready = JSON.parse(readFileSync("/tmp/d-meet/ready.json", "utf8"));
const origin = ready.httpOrigin;
const [anna] = ready.members;
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--auto-select-desktop-capture-source=Entire screen", "--disable-background-networking", "--no-first-run"] });
const shot = (page, name) => page.screenshot({ path: `/tmp/d-meet/shots/${name}.png` });
const make = async (label) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ["camera", "microphone"], locale: "en-GB" });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.on("console", (m) => { if (["error", "warning"].includes(m.type())) console.log(label, m.type(), m.text()); });
  page.on("pageerror", (e) => console.log(label, "pageerror", e.stack));
  page.on("requestfailed", (r) => console.log(label, "failed", r.url(), r.failure()?.errorText));
  page.on("response", (r) => { if (r.status() >= 400) console.log(label, r.status(), r.url()); });
  return page;
};
const step = async (name, work) => { const t = Date.now(); try { await work(); console.log("ok  ", name, Date.now() - t, "ms"); } catch (e) { console.log("FAIL", name, String(e).split("\n").slice(0, 4).join(" | ")); throw e; } };
const member = await make("member"); const guest = await make("guest");
let link = "";
try {
  await step("sign in", async () => {
    await member.goto(origin);
    await member.getByTestId("sign-in-button").click();
    await member.waitForURL(/authorize|sign/);
    await shot(member, "signin");
    await member.locator('input[type="email"], input[name="username"], input[name="login"], input[type="text"]').first().fill(anna.userPrincipalName);
    await member.locator('input[type="password"]').fill(anna.password);
    await member.locator('button[type="submit"], input[type="submit"]').first().click();
    await member.getByTestId("new-meeting").waitFor();
    await shot(member, "signedin");
  });
  await step("schedule", async () => {
    await member.getByTestId("new-meeting").click();
    await member.getByTestId("subject-input").fill("Follow-up: Maria");
    await member.getByTestId("save-meeting").click();
    link = await member.getByTestId("join-link-text").inputValue();
    console.log(link, await member.getByTestId("meeting-id-text").innerText(), await member.getByTestId("passcode-text").innerText());
    await shot(member, "scheduled");
  });
  await step("member joins", async () => {
    await member.getByTestId("join-meeting").click();
    await member.getByTestId("join-now").click();
    await member.getByTestId("stage").waitFor();
  });
  await step("guest waits", async () => {
    await guest.goto(link);
    await guest.getByTestId("name-input").fill("Maria Lindqvist");
    await guest.waitForTimeout(1000);
    await shot(guest, "guest-setup");
    await guest.getByTestId("join-now").click();
    await guest.getByTestId("waiting-text").waitFor();
    await shot(guest, "guest-waits");
  });
  await step("member admits", async () => {
    await member.getByTestId("lobby-toast").waitFor();
    await shot(member, "member-toast");
    await member.getByTestId("control-people").click();
    await member.getByTestId("lobby-item").getByTestId("admit").click();
    await guest.getByTestId("stage").waitFor();
    await member.getByTestId("tile").waitFor();
  });
  const frames = (page) => page.evaluate(() => [...document.querySelectorAll('[data-testid="tile"] video, [data-testid="screen-share"] video')].map((v) => [v.videoWidth, v.videoHeight, v.getVideoPlaybackQuality().totalVideoFrames]));
  await step("video both ways", async () => {
    for (const [name, page] of [["member", member], ["guest", guest]]) {
      await page.locator('[data-testid="tile"] video').waitFor();
      await page.waitForFunction(() => [...document.querySelectorAll('[data-testid="tile"] video')].some((v) => v.getVideoPlaybackQuality().totalVideoFrames > 10));
      console.log("    ", name, JSON.stringify(await frames(page)));
    }
    await shot(member, "member-call"); await shot(guest, "guest-call");
  });
  await step("guest shares", async () => {
    await guest.getByTestId("control-share").click();
    await member.getByTestId("screen-share").waitFor();
    await member.waitForFunction(() => (document.querySelector('[data-testid="screen-share"] video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > 3);
    await shot(member, "member-sees-screen");
    await guest.getByTestId("control-share").click();
    await member.getByTestId("screen-share").waitFor({ state: "detached" });
  });
  await guest.evaluate(() => { window.seen=[]; new MutationObserver((l)=>{ for (const m of l) for (const n of [...m.addedNodes, ...m.removedNodes]) if (n.nodeType===1) window.seen.push((m.addedNodes.length? "+":"-")+n.outerHTML.slice(0,200)); }).observe(document.body,{childList:true,subtree:true}); });
  await guest.getByTestId("control-hand").click({ force: true });
  await guest.waitForTimeout(500);
  console.log((await guest.evaluate(() => window.seen)).join("\n"));
} catch { await shot(member, "fail-member"); await shot(guest, "fail-guest"); console.log("member:", (await member.locator("body").innerText()).slice(0, 300)); console.log("guest:", (await guest.locator("body").innerText()).slice(0, 300)); }
await browser.close();
