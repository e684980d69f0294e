// The server's frames of the corpus that the Rust side reads too; the client's are in golden-client.test.ts.
// Old files stay: an older server's frames must still be readable.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { decodeServerFrame } from '../src/wire/decode';

const corpus = join(import.meta.dirname, '../../../../tests/golden');

function files(folder: string): [string, unknown][] {
  const path = join(corpus, folder);
  return readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name, JSON.parse(readFileSync(join(path, name), 'utf8'))]);
}

const bad = files('bad') as [string, { direction: string; frame: string; request: number | null }][];

describe('the golden corpus', () => {
  it('is there', () => {
    expect(files('server').length).toBeGreaterThan(20);
    expect(bad.filter(([, { direction }]) => direction === 'server').length).toBeGreaterThan(4);
  });

  it.each(files('server'))('%s is read whole', (_name, frame) => {
    const read = decodeServerFrame(JSON.stringify(frame));
    expect(read).toEqual(frame);
    if (read.type === 'event') expect(read.event.type).not.toBe('unknown');
    expect(read.type).not.toBe('unknown');
  });

  it.each(bad.filter(([, { direction }]) => direction === 'server'))('%s is refused without a crash', (_name, { frame, request }) => {
    const read = decodeServerFrame(frame);
    expect(read.type).toBe('malformed');
    if (request !== null) expect(read).toHaveProperty('request', request);
  });
});

describe('frames of later versions', () => {
  it('are named unknown', () => {
    expect(decodeServerFrame('{"type":"confetti"}')).toEqual({ type: 'unknown' });
    expect(decodeServerFrame('{"type":"event","call":"c","revision":1,"event":{"type":"confetti"}}')).toMatchObject({ event: { type: 'unknown' } });
  });

  it('may leave optional members out', () => {
    const text = '{"type":"closing","refusal":{"code":1,"subCode":2,"name":"n","message":"m","cause":"c","fixableBy":"you"}}';
    expect(decodeServerFrame(text)).toMatchObject({ refusal: { policy: null } });
  });
});
