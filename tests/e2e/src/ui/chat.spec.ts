/** What others write into the chat, in the pages of the published UI library, which makes elements of HTML and takes nothing out of it. */
import type { Bench } from '../sdk/bench.js';
import { published } from '../published-chat.js';
import { type Ui, expect, test } from './stage.js';

declare global {
  interface Window {
    /** Set by the test; gone when the page was left. */
    still?: boolean;
    /** Set by whatever of the HTML acts. */
    taken?: boolean;
  }
}

const evil = 'https://evil.example';

/** Each of them acted, or changed the page, when HTML was kept as it was sent. */
const HOSTILE = [
  `<meta http-equiv="refresh" content="0;url=${evil}">redirected`,
  '<style>* { display: none !important }</style>styled',
  `<form action="${evil}"><input type="password"><button>Sign in again</button></form>asked`,
  `<iframe src="${evil}"></iframe>framed`,
  '<a href="javascript:window.taken = true">javascript</a>',
  `<a href="java&#10;script:window.taken = true">newline</a>`,
  `<img src="${evil}/seen" onerror="window.taken = true">pictured`,
  `<svg onload="window.taken = true"><script>window.taken = true</script></svg>drawn`,
  '<p class="ms-Modal" style="position:fixed;inset:0;z-index:9999;background:red" id="root">covered</p>',
];

/** Maria with the UI library and its chat open, and the published chat client of Ada; both are in a call that Anna began. */
async function together(bench: Bench, ui: Ui) {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink);
  const ticket = await bench.desk.guest();
  const ada = await bench.person({ kind: 'guest', name: 'Ada', ticket });
  await ada.enters(meeting.byLink);
  const threadId = await ada.run(() => window.sdk.call?.info.threadId ?? '');
  const maria = await ui.person({ composite: 'callWithChat', name: 'Maria', locator: meeting.byLink });
  await maria.starts();
  await maria.on('call');
  await maria.at('call-with-chat-composite-chat-button').click();
  await expect(maria.page.getByPlaceholder('Enter a message')).toBeVisible();
  return { maria, thread: published(bench.house, ticket, threadId) };
}

test('HTML of a guest formats text and does nothing else to the page of another guest', async ({ bench, ui }) => {
  const { maria, thread } = await together(bench, ui);
  const { page } = maria;
  const address = page.url();
  await page.evaluate(() => {
    window.still = true;
  });
  for (const content of HOSTILE) await thread.sendMessage({ content }, { type: 'html', senderDisplayName: 'Ada' });
  const edited = await thread.sendMessage({ content: '<p>before</p>' }, { type: 'html', senderDisplayName: 'Ada' });
  await thread.updateMessage(edited.id, { content: `<form action="${evil}">after</form>` });
  const last = '<p>a <b>bold</b> word, <a href="https://example.org/">a link</a>, <msft-mention id="8:acs:x_y">Ben</msft-mention></p>';
  await thread.sendMessage({ content: last }, { type: 'html', senderDisplayName: 'Ada' });

  const bold = page.locator('b', { hasText: 'bold' });
  await expect(bold).toBeVisible();
  expect(await bold.evaluate((element) => Number(getComputedStyle(element).fontWeight))).toBeGreaterThanOrEqual(600);
  await expect(page.getByRole('link', { name: 'a link' })).toHaveAttribute('href', 'https://example.org/');
  await expect(page.locator('msft-mention', { hasText: 'Ben' })).toBeVisible();
  for (const word of ['redirected', 'styled', 'asked', 'framed', 'javascript', 'newline', 'pictured', 'drawn', 'covered', 'after']) {
    await expect(page.getByText(word, { exact: false }).last(), word).toBeVisible();
  }

  const found = await page.evaluate((words) => {
    const text = [...document.querySelectorAll('p, span, div')].find((element) => element.textContent === words);
    return {
      elements: [...document.querySelectorAll('form, iframe, object, embed, base, input[type="password"], meta[http-equiv], body style, a[href^="javascript:" i], [href*="evil.example"], [src*="evil.example"]')].map(({ outerHTML }) => outerHTML),
      placed: text === undefined ? 'missing' : getComputedStyle(text).position,
      roots: document.querySelectorAll('#root').length,
      still: window.still,
      taken: window.taken,
    };
  }, 'covered');
  expect(found).toEqual({ elements: [], placed: 'static', roots: 1, still: true, taken: undefined });
  await page.getByText('javascript', { exact: true }).last().click();
  await page.getByText('newline', { exact: true }).last().click();
  expect(await page.evaluate(() => window.taken)).toBeUndefined();
  expect(page.url()).toBe(address);
  expect(page.context().pages()).toHaveLength(1);
});

test('text of a guest is shown as it was typed', async ({ bench, ui }) => {
  const { maria, thread } = await together(bench, ui);
  await thread.sendMessage({ content: '<b>no markup</b> & <form>' }, { senderDisplayName: 'Ada' });
  await expect(maria.page.getByText('<b>no markup</b> & <form>').last()).toBeVisible();
  await expect(maria.page.locator('form')).toHaveCount(0);
});

test('attachments that the library cannot show are refused, and a page with one that it can goes on', async ({ bench, ui }) => {
  const { maria, thread } = await together(bench, ui);
  const send = (attachments: unknown) => thread.sendMessage({ content: 'file' }, { senderDisplayName: 'Ada', metadata: { fileSharingMetadata: JSON.stringify(attachments) } });
  // Each of the first two blanked the page of everybody.
  for (const attachments of [5, [null], [{ id: '1', name: 'x', url: 'javascript:window.taken = true' }]]) {
    await expect(send(attachments)).rejects.toMatchObject({ statusCode: 400 });
  }
  await send([{ id: '1', name: 'letter.txt', url: 'https://example.org/letter.txt', progress: 'x', error: 'x', payload: 'x' }, { id: '2', name: '' }]);
  const card = maria.page.getByTestId('attachment-card').filter({ hasText: 'letter.txt' });
  await expect(card).toBeVisible();
  await card.hover();
  await thread.sendMessage({ content: 'and on it goes' }, { senderDisplayName: 'Ada' });
  await expect(maria.page.getByText('and on it goes').last()).toBeVisible();
  expect(await maria.page.evaluate(() => window.taken)).toBeUndefined();
});
