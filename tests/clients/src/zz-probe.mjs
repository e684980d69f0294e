import { CommunicationIdentityClient } from '@azure/communication-identity';
import { Browser } from '../browser/browser.mjs';
import { ready } from './house.mjs';
const identity = new CommunicationIdentityClient(ready.connectionString);
const browser = await Browser.open(ready.origin);
const { user, token } = await identity.createUserAndToken(['chat']);
const page = await browser.page('chat.mjs');
page.on('websocket', (ws) => {
  console.log('WS', ws.url().slice(0, 120));
  ws.on('framesent', (f) => console.log(Date.now() % 1000000, '>>', f.payload.slice(0, 300)));
  ws.on('framereceived', (f) => console.log(Date.now() % 1000000, '<<', f.payload.slice(0, 300)));
  ws.on('close', () => console.log('WS closed', Date.now() % 1000000));
});
page.on('request', (r) => console.log('REQ', r.method(), r.url().slice(0, 200), r.method() === 'POST' ? r.postData()?.slice(0, 600) : ''));
page.on('response', async (r) => console.log('RES', r.status(), r.url().slice(0, 60)));
await page.evaluate(([o, t]) => chat.open(o, t), [ready.origin, token]);
await page.evaluate(() => chat.listen());
await page.evaluate(() => chat.event('connected'));
console.log('CONNECTED', await page.evaluate(() => chat.names()));
const wait = (ms) => new Promise((r) => setTimeout(r, ms));
if (process.env.MODE === 'idle') { await wait(75000); console.log(await page.evaluate(() => chat.names())); }
if (process.env.MODE === 'revoke') { await identity.revokeTokens(user); await wait(20000); console.log(await page.evaluate(() => chat.names())); }
if (process.env.MODE === 'watch') { await wait(+(process.env.WAIT ?? 25) * 1000); console.log(await page.evaluate(() => chat.names())); }
if (process.env.MODE === 'stop') { await page.evaluate(() => chat.stop()); await wait(3000); console.log(await page.evaluate(() => chat.names())); }
console.log('errors', page.errors);
await browser.close();
