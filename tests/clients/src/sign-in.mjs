/** Signs a member in as a browser would: follows the authorize address, fills the page's form in, keeps its cookies. */

const MOST_STEPS = 8;

/**
 * The address to which the provider sends the browser back. A page that asks for consent is accepted.
 * @param {string} authorizeUrl @param {{ userPrincipalName: string, password: string }} account @param {string} redirectUri
 */
export async function signIn(authorizeUrl, account, redirectUri) {
  const values = { username: account.userPrincipalName, password: account.password };
  const back = await walk(authorizeUrl, values, (url) => url.href.startsWith(redirectUri));
  return back.url;
}

/**
 * Types the code of a device, signs in and says yes or no, as a member does in a browser.
 * @param {string} verificationUri @param {string} userCode @param {{ userPrincipalName: string, password: string }} account
 */
export async function decideDevice(verificationUri, userCode, account, decision = 'accept') {
  const values = { username: account.userPrincipalName, password: account.password, user_code: userCode, decision };
  const { page } = await walk(verificationUri, values, (url, page) => page !== undefined && !/<form\b/i.test(page));
  const expected = decision === 'accept' ? /You are signed in/ : /Nobody was signed in/;
  if (!expected.test(page)) throw new Error(`the device was not decided: ${page.slice(0, 500)}`);
}

/** Fills forms in and follows redirects until `arrived` says so; keeps cookies. */
async function walk(start, values, arrived) {
  const cookies = new Map();
  let url = start;
  let init = {};
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split(';');
      const at = pair.indexOf('=');
      cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const location = response.headers.get('location');
    if (location !== null) {
      const next = new URL(location, url);
      if (arrived(next)) return { url: next };
      [url, init] = [next.href, {}];
      continue;
    }
    const page = await response.text();
    if (arrived(new URL(url), page)) return { url: new URL(url), page };
    [url, init] = form(page, url, values);
  }
  throw new Error('the sign-in did not come back to the application');
}

/** The request that the page's form makes with these values. */
function form(page, base, values) {
  const tag = /<form\b[^>]*>/i.exec(page)?.[0];
  if (tag === undefined) throw new Error(`no form on the page: ${page.slice(0, 500)}`);
  const body = new URLSearchParams();
  for (const [input] of page.matchAll(/<input\b[^>]*>/gi)) {
    const name = attribute(input, 'name');
    if (name !== undefined) body.set(name, values[name] ?? attribute(input, 'value') ?? '');
  }
  const button = /<button\b[^>]*\bname="[^"]*"[^>]*>/i.exec(page)?.[0];
  if (button !== undefined) body.set(attribute(button, 'name'), values[attribute(button, 'name')] ?? attribute(button, 'value'));
  const action = new URL(attribute(tag, 'action') ?? base, base).href;
  return [action, { method: 'POST', body: body.toString(), headers: { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(base).origin } }];
}

function attribute(tag, name) {
  const value = new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)?.[1];
  return value
    ?.replaceAll('&quot;', '"')
    .replaceAll('&#34;', '"')
    .replaceAll('&#x3D;', '=')
    .replaceAll('&#61;', '=')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#38;', '&')
    .replaceAll('&amp;', '&');
}
