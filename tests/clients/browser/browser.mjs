/**
 * Chromium with pages that run the official packages as an application's page does: bundled for the browser, served from an origin of their own,
 * so that every request to the server is a cross-origin one.
 *
 * The server's certificate is trusted by its public key alone; every other one still has to be valid. What a page writes as an error is kept and
 * fails the test that asks for it (`errors`).
 */
import { X509Certificate, createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';

import { chromium } from '@playwright/test';
import { build } from 'esbuild';

const pages = fileURLToPath(new URL('./pages/', import.meta.url));

/** The hash of the public key of the server's own certificate, as Chromium's list of exceptions wants it. */
async function publicKeyHash(origin) {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), servername: hostname });
  await once(socket, 'secureConnect');
  const key = socket.getPeerX509Certificate().publicKey;
  socket.destroy();
  return hashOf(key);
}

const hashOf = (key) => createHash('sha256').update(key.export({ type: 'spki', format: 'der' })).digest('base64');

/** The page's program as one script; `name` is a file in `pages/`. */
async function bundle(name) {
  const result = await build({
    entryPoints: [`${pages}${name}`],
    bundle: true,
    write: false,
    platform: 'browser',
    conditions: ['browser'],
    format: 'iife',
    target: 'es2022',
    logLevel: 'silent',
    define: { global: 'globalThis' },
  });
  return result.outputFiles[0].text;
}

/** One Chromium for the tests of a file. `server` is the origin that pages talk to, or several of them. */
export class Browser {
  /** With `tls` (key and certificate) the pages are of the same site as the server: `https://localhost` with another port. */
  static async open(server, tls) {
    const own = new Browser();
    own.scripts = new Map();
    const serve = (request, response) => own.serve(request, response);
    own.site = tls === undefined ? createServer(serve) : createSecureServer(tls, serve);
    own.site.listen(0, '127.0.0.1');
    await once(own.site, 'listening');
    own.origin = `${tls === undefined ? 'http://127.0.0.1' : 'https://localhost'}:${own.site.address().port}`;
    const trusted = await Promise.all([server].flat().map(publicKeyHash));
    if (tls !== undefined) trusted.push(hashOf(new X509Certificate(tls.cert).publicKey));
    own.chromium = await chromium.launch({
      executablePath: process.env.ANTEROOM_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--use-fake-device-for-media-stream=fps=15',
        '--use-fake-ui-for-media-stream',
        '--autoplay-policy=no-user-gesture-required',
        `--ignore-certificate-errors-spki-list=${trusted.join(',')}`,
      ],
    });
    return own;
  }

  /** Opens a page, in a context of its own (storage, cookies), with the program `name`. Its errors are in `page.errors`. */
  async page(name) {
    await this.prepare(name);
    const context = await this.chromium.newContext();
    const page = await context.newPage();
    page.errors = [];
    page.on('console', (message) => {
      if (message.type() === 'error') page.errors.push(message.text());
    });
    page.on('pageerror', (error) => page.errors.push(String(error)));
    await page.goto(`${this.origin}/?${name}`);
    await page.waitForFunction(() => globalThis.loaded === true);
    return page;
  }

  /** Bundles a program that a page loads by itself, such as the target of a redirect. */
  async prepare(name) {
    const path = `/${name}`;
    if (!this.scripts.has(path)) this.scripts.set(path, await bundle(name));
  }

  async close() {
    await this.chromium.close();
    this.site.close();
    this.site.closeAllConnections();
  }

  serve(request, response) {
    const url = new URL(request.url, this.origin);
    if (url.pathname === '/') {
      const [name] = url.search.slice(1).split('&');
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(`<!doctype html><link rel="icon" href="data:,"><script src="/${name}"></script><script>globalThis.loaded = true;</script>`);
      return;
    }
    const script = this.scripts.get(url.pathname);
    response.statusCode = script === undefined ? 404 : 200;
    response.setHeader('content-type', 'text/javascript; charset=utf-8');
    response.end(script);
  }
}
