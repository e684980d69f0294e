import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';

import { Capture } from '../src/adapters/capture';
import { backoffMs } from '../src/core/backoff';
import { mayFollow } from '../src/core/call-machine';
import { Emitter } from '../src/core/emitter';
import { toWireLocator } from '../src/core/locator';
import { EMPTY_MIRROR, reduce } from '../src/core/mirror';
import { identifierOf, rawIdOf } from '../src/core/roles';
import { readToken } from '../src/core/token';
import { Pace } from '../src/core/pace';
import { planWants } from '../src/core/wants';
import { VERSION } from '../src/version';
import { FakeTrack, mediaStream, participant, snapshot, tokenFor, OTHER } from './harness';

describe('call states', () => {
  it('allow what the reference allows and nothing back from the end', () => {
    expect(mayFollow('None', 'Connecting')).toBe(true);
    expect(mayFollow('Connecting', 'InLobby')).toBe(true);
    expect(mayFollow('InLobby', 'Connected')).toBe(true);
    expect(mayFollow('Connected', 'LocalHold')).toBe(true);
    expect(mayFollow('Connected', 'Connecting')).toBe(false);
    expect(mayFollow('Disconnected', 'Connecting')).toBe(false);
    expect(mayFollow('Disconnecting', 'Connected')).toBe(false);
  });
});

describe('the mirror', () => {
  it('is replaced, never changed', () => {
    const inside = reduce(EMPTY_MIRROR, 1, { type: 'snapshot', snapshot: snapshot() }).mirror;
    const after = reduce(inside, 2, { type: 'participants', upserted: [participant(OTHER)], left: [] }).mirror;
    expect(inside.participants.has(OTHER)).toBe(false);
    expect(after.participants.has(OTHER)).toBe(true);
  });

  it('ignores what is older than what it has', () => {
    const inside = reduce(EMPTY_MIRROR, 5, { type: 'snapshot', snapshot: snapshot() }).mirror;
    const stale = reduce(inside, 5, { type: 'participants', upserted: [], left: [{ id: OTHER, removed: false }] });
    expect(stale).toEqual({ mirror: inside, askSnapshot: false, applied: false });
  });

  it('takes nothing but its own state while waiting', () => {
    const waiting = reduce(EMPTY_MIRROR, 1, { type: 'waiting', notStarted: false }).mirror;
    const told = reduce(waiting, 2, { type: 'participants', upserted: [participant(OTHER)], left: [] });
    expect(told.applied).toBe(false);
    expect(told.mirror.participants.size).toBe(0);
  });
});

describe('wishes for video', () => {
  const context = { screens: new Set([3]), spotlit: new Set([4]), speaker: new Set([2]), active: new Set([1, 2, 3, 4]), limit: 3 };
  it('put screens, the spotlight and the speaker first, name each publication once at its largest, and keep to the slots', () => {
    const views = [
      { publication: 1, width: 100, height: 100 },
      { publication: 4, width: 100, height: 100 },
      { publication: 1, width: 300, height: 200 },
      { publication: 2, width: 0, height: 0 },
      { publication: 3, width: 1000, height: 700 },
      { publication: 9, width: 100, height: 100 },
    ];
    expect(planWants(views, context)).toEqual([
      { publication: 3, width: 1024, height: 704, priority: 'screen' },
      { publication: 4, width: 128, height: 128, priority: 'pinned' },
      { publication: 2, width: 640, height: 384, priority: 'speaker' },
    ]);
    expect(planWants(views, { ...context, limit: 4 }).at(-1)).toEqual({ publication: 1, width: 320, height: 256, priority: 'rest' });
  });

  it('let what leaves the sight give way to what is in it, and stay in their order where there is room for all', () => {
    const view = (id: number, leaving = false) => ({ publication: id, width: 64, height: 64, leaving });
    const order = (limit: number, ...views: ReturnType<typeof view>[]) => planWants(views, { ...context, limit }).map((want) => want.publication);
    expect(order(4, view(3, true), view(1), view(4))).toEqual([3, 4, 1]);
    expect(order(2, view(3, true), view(1), view(4))).toEqual([4, 1]);
    expect(order(1, view(3, true), view(3), view(4)), 'one of its views is in sight').toEqual([3]);
    expect(order(1, view(3), view(3, true), view(4)), 'whichever').toEqual([3]);
  });
});

describe('the pace', () => {
  it('lets some go at once and then one in each time, and keeps some for those who may not wait', () => {
    const pace = new Pace(250, 3);
    const waits: number[] = [];
    for (let at = 0; at < 5; at += 1) {
      waits.push(pace.waitMs(1_000));
      if (at < 3) pace.spend(1_000);
    }
    expect(waits).toEqual([0, 0, 0, 250, 250]);
    expect(pace.waitMs(1_250)).toBe(0);
    expect(pace.waitMs(1_250, 1)).toBe(250);
    expect(pace.waitMs(1_500, 1)).toBe(0);
  });

  it('makes nobody wait because a clock was set back', () => {
    const pace = new Pace(250, 3);
    for (let at = 0; at < 3; at += 1) pace.spend(10_000_000);
    expect(pace.waitMs(10_000_000)).toBe(250);
    expect(pace.waitMs(5_000)).toBe(0);
    pace.spend(5_000);
    expect(pace.waitMs(5_000, 1)).toBe(0);
    pace.spend(5_000);
    expect(pace.waitMs(5_000, 1)).toBe(250);
  });
});

describe('locators, tokens, identifiers', () => {
  it('translate', () => {
    expect(toWireLocator({ groupId: 'g' })).toEqual({ type: 'group', groupId: 'g' });
    expect(toWireLocator({ roomId: 'r' })).toEqual({ type: 'room', roomId: 'r' });
    expect(toWireLocator({ meetingId: '1' })).toEqual({ type: 'meetingId', meetingId: '1', passcode: null });
    expect(toWireLocator({} as never)).toBeUndefined();
  });

  it('are read from a JWT, and only WebSocket URLs count', () => {
    expect(readToken(tokenFor({ anteroomSignal: 'wss://ä.example/signal' }))?.signalUrl).toContain('wss://');
    expect(readToken(tokenFor({ anteroomSignal: 'javascript:alert(1)' }))?.signalUrl).toBeUndefined();
    expect(readToken('rubbish')).toBeUndefined();
    expect(readToken('a.!!!.c')).toBeUndefined();
  });

  it('go round', () => {
    for (const raw of ['8:acs:r_u', '8:orgid:11111111-1111-1111-1111-111111111111', '8:teamsvisitor:abc', '4:+4930123']) {
      expect(rawIdOf(identifierOf(raw))).toBe(raw);
    }
    expect(rawIdOf({ communicationUserId: '8:acs:r_u' })).toBe('8:acs:r_u');
    expect(identifierOf('8:acs:r_u')).not.toBe(identifierOf('8:acs:r_u'));
  });

  it('spread the waits before reconnecting', () => {
    expect(backoffMs(0, 0)).toBe(125);
    expect(backoffMs(0, 1)).toBe(250);
    expect(backoffMs(50, 1)).toBe(5_000);
  });

  it('carry the version of the package', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(VERSION).toBe(version);
  });
});

describe('events', () => {
  it('reach the other listeners when one throws, and off with an unknown listener does nothing', () => {
    const reported = vi.fn();
    vi.stubGlobal('reportError', reported);
    const emitter = new Emitter<{ ping: (n: number) => void }>();
    const heard: number[] = [];
    emitter.on('ping', () => {
      throw new Error('theirs');
    });
    emitter.on('ping', (n) => heard.push(n));
    emitter.off('ping', () => undefined);
    emitter.emit('ping', 1);
    expect(heard).toEqual([1]);
    expect(reported).toHaveBeenCalledOnce();
    vi.unstubAllGlobals();
  });
});

describe('a capture', () => {
  it('opens once for many users, and closes after the last', async () => {
    const track = new FakeTrack('video');
    const open = vi.fn(() => Promise.resolve(mediaStream(track)));
    const capture = new Capture({ id: 'c' }, open);
    await Promise.all([capture.acquire(), capture.acquire()]);
    expect(open).toHaveBeenCalledOnce();
    capture.release();
    expect(track.readyState).toBe('live');
    capture.release();
    expect(track.readyState).toBe('ended');
  });

  it('closes at once what finishes opening after everybody left', async () => {
    const track = new FakeTrack('video');
    let finish: (stream: MediaStream) => void = () => undefined;
    const capture = new Capture({ id: 'c' }, () => new Promise<MediaStream>((resolve) => (finish = resolve)));
    const acquiring = capture.acquire().catch(() => 'refused');
    capture.release();
    finish(mediaStream(track));
    await acquiring;
    expect(track.readyState).toBe('ended');
  });

  it('never stops a stream that the application gave', async () => {
    const track = new FakeTrack('video');
    const capture = new Capture({ id: 'c' }, () => Promise.reject(new Error('must not open')), mediaStream(track));
    await capture.acquire();
    capture.release();
    capture.dispose();
    expect(track.readyState).toBe('live');
  });
});
