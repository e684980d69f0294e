/** A real OpenID provider (the npm package oidc-provider) on a loopback port, and a browser that signs in at it. */
import { once } from 'node:events';
import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

export const CLIENT = { client_id: 'anteroom', client_secret: 'a secret with : and +, of sixty bytes, that nobody else knows' };

/** People by the login that they type. */
export const people = {
  dora: { name: 'Dora Lind', given_name: 'Dora', family_name: 'Lind', preferred_username: 'dora@upstream.example', email: 'dora@upstream.example', email_verified: true },
  emil: { name: 'Emil Frost', preferred_username: 'emil@upstream.example', email: 'emil@upstream.example', email_verified: true, groups: ['admins'] },
};

/**
 * Listens. The provider itself begins when its client's addresses are known: `serve`.
 * @returns {Promise<{ issuer: string, serve: (client: object) => void, stop: () => Promise<void> }>}
 */
export async function upstreamProvider() {
  let handler = (_, response) => response.writeHead(503).end();
  const server = createServer((request, response) => handler(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const serve = (client) => {
    const provider = new Provider(issuer, {
      clients: [{ ...CLIENT, token_endpoint_auth_method: 'client_secret_basic', ...client }],
      cookies: { keys: ['a key of the test'] },
      claims: { openid: ['sub'], profile: ['name', 'given_name', 'family_name', 'preferred_username', 'groups'], email: ['email', 'email_verified'] },
      findAccount: (_, login) => ({ accountId: login, claims: () => ({ sub: login, ...people[login] }) }),
    });
    handler = provider.callback();
  };
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { issuer, serve, stop };
}

const MOST_STEPS = 20;

/** Keeps cookies by host, as browsers do. */
export class Browser {
  jar = new Map();

  /** One request; redirects are not followed. */
  async fetch(url, init = {}) {
    const { hostname } = new URL(url);
    const own = this.jar.get(hostname) ?? new Map();
    this.jar.set(hostname, own);
    const cookie = [...own].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split(';');
      const at = pair.indexOf('=');
      if (/expires=Thu, 01 Jan 1970|max-age=0/i.test(line)) own.delete(pair.slice(0, at));
      else own.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  /** Follows redirects until there is a page, or the address to stop at. */
  async go(url, stopAt, init) {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const response = await this.fetch(url, init);
      const location = response.headers.get('location');
      if (location === null) return { url: new URL(url), status: response.status, text: await response.text() };
      [url, init] = [new URL(location, url).href, undefined];
      if (stopAt !== undefined && url.startsWith(stopAt)) return { url: new URL(url) };
    }
    throw new Error(`no page after ${MOST_STEPS} redirects; the last was to ${url}`);
  }

  /** Fills a page's first form in. */
  submit(page, values, stopAt) {
    const tag = /<form\b[^>]*>/i.exec(page.text)?.[0];
    if (tag === undefined) throw new Error(`no form on the page: ${page.text.slice(0, 500)}`);
    const body = new URLSearchParams();
    for (const [input] of page.text.slice(page.text.indexOf(tag)).matchAll(/<input\b[^>]*>/gi)) {
      const name = attribute(input, 'name');
      if (name !== undefined) body.set(name, values[name] ?? attribute(input, 'value') ?? '');
    }
    const action = new URL(attribute(tag, 'action') ?? page.url.href, page.url).href;
    return this.go(action, stopAt, { method: 'POST', body: body.toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  }

  /** The address of the link whose text matches. */
  link(page, text) {
    for (const [, tag, inner] of page.text.matchAll(/(<a\b[^>]*>)([\s\S]*?)<\/a>/gi)) {
      if (text.test(inner.replaceAll(/<[^>]*>/g, ''))) return new URL(attribute(tag, 'href'), page.url).href;
    }
    throw new Error(`no link ${text} on the page: ${page.text.slice(0, 2000)}`);
  }

  /** Signs in and consents wherever the provider asks; ends at `stopAt` or at a page of somebody else. */
  async signInUpstream(url, issuer, login, stopAt) {
    let page = await this.go(url, stopAt);
    while (page.text !== undefined && page.url.origin === issuer && page.status === 200) {
      page = await this.submit(page, { login, password: 'any' }, stopAt);
    }
    return page;
  }
}

function attribute(tag, name) {
  const value = new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)?.[1];
  return value?.replaceAll('&quot;', '"').replaceAll('&#34;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#38;', '&').replaceAll('&amp;', '&');
}
