/**
 * The page of the SDK bench: an origin of its own that serves `page.ts`, bundled with the calling SDK from its sources, and the built packages
 * under `/packages/<name>/` (`calling`, `calling-effects`).
 */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, '../../../../web/packages');

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.map': 'application/json',
};

const HTML = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>SDK bench</title><link rel="icon" href="data:,">
<style>body{margin:0;font:14px sans-serif}#stage{display:flex;flex-wrap:wrap;gap:8px}#stage>div{width:320px;height:180px;background:#222}</style></head>
<body><div id="stage"></div><script type="module" src="/page.js"></script></body></html>`;

let bundled: Promise<Map<string, Uint8Array>> | undefined;

/** The bundle of this process; the sources do not change while tests run. */
function bundle(): Promise<Map<string, Uint8Array>> {
  bundled ??= build({
    entryPoints: [join(here, 'page.ts')],
    outdir: '/',
    bundle: true,
    write: false,
    splitting: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    sourcemap: 'inline',
    logLevel: 'error',
    alias: { '@anteroom/calling': join(packages, 'calling/src/index.ts') },
  }).then(({ outputFiles }) => new Map(outputFiles.map(({ path, contents }) => [path, contents])));
  return bundled;
}

/** The served page. */
export class Site {
  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  /** The bench's own page. */
  static async open(): Promise<Site> {
    const files = await bundle();
    return Site.serving((pathname) => (pathname === '/' ? HTML : (files.get(pathname) ?? packaged(pathname))));
  }

  /** Any files, by path; `/` is a page. */
  static async serving(content: (pathname: string) => string | Uint8Array | undefined): Promise<Site> {
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://site');
      const found = content(pathname);
      response.statusCode = found === undefined ? 404 : 200;
      response.setHeader('content-type', TYPES[pathname === '/' ? '.html' : extname(pathname)] ?? 'application/octet-stream');
      response.end(found);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Site(server, `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** A file of a built package. */
function packaged(pathname: string): Uint8Array | undefined {
  const [, name, rest] = /^\/packages\/(calling|calling-effects)\/(.+)$/.exec(pathname) ?? [];
  if (name === undefined || rest === undefined || normalize(rest).startsWith('..')) return undefined;
  const file = join(packages, name, 'dist', rest);
  return existsSync(file) ? readFileSync(file) : undefined;
}
