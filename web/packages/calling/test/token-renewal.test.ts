import { describe, expect, it } from 'vitest';

import { FakePlatform, clientOn, connectedCall, credential, joiningCall, refusal, settle, snapshot, tokenFor } from './harness';

const token = (exp: number): string => tokenFor({ exp, anteroomSignal: 'ws://server/signal' });
const expired = refusal({ code: 401, subCode: 10009, name: 'tokenExpired', message: 'Your access has expired.' });

/** An agent whose application gives these tokens one after the other, the last one for ever. */
async function agentWith(...tokens: (string | Error | Promise<never>)[]) {
  const platform = new FakePlatform();
  platform.answersPings = true;
  let asked = 0;
  const getToken = async () => {
    const given = await tokens[Math.min(asked++, tokens.length - 1)];
    if (given instanceof Error) throw given;
    return { token: given ?? '', expiresOnTimestamp: 0 };
  };
  const creating = clientOn(platform).createCallAgent({ getToken, dispose: () => undefined });
  await settle();
  platform.socket.accept();
  platform.socket.welcome();
  const agent = await creating;
  const changes: unknown[] = [];
  agent.on('connectionStateChanged', (change) => changes.push(change));
  return { platform, agent, changes, asked: () => asked };
}

const refreshes = (platform: FakePlatform): string[] =>
  platform.socket.requests().flatMap(({ body }) => (body.type === 'refreshToken' ? [body.token] : []));

describe('a token that ends during a connection', () => {
  it('is followed by the next one ahead of its end, on the same socket, and so on', async () => {
    const { platform, changes } = await agentWith(token(3_600), token(7_200), token(10_800));
    await platform.advance((3_600 - 181) * 1_000);
    expect(refreshes(platform)).toEqual([]);
    await platform.advance(2_000);
    expect(refreshes(platform)).toEqual([token(7_200)]);
    platform.socket.reply(platform.socket.last('refreshToken').id, { type: 'done' });
    await platform.advance(3_600_000);
    expect(refreshes(platform)).toEqual([token(7_200), token(10_800)]);
    expect(platform.sockets).toHaveLength(1);
    expect(changes).toEqual([]);
  });

  it('is followed at half its life when it is short', async () => {
    const { platform } = await agentWith(token(60), token(120));
    await platform.advance(29_000);
    expect(refreshes(platform)).toEqual([]);
    await platform.advance(2_000);
    expect(refreshes(platform)).toEqual([token(120)]);
  });

  it('is asked for again while the application gives the same one, and brought once it gives another', async () => {
    const { platform, asked } = await agentWith(token(600), token(600), token(600), token(1_200));
    await platform.advance(421_000);
    expect(asked()).toBe(2);
    expect(refreshes(platform)).toEqual([]);
    await platform.advance(140_000);
    expect(refreshes(platform)).toEqual([token(1_200)]);
  });

  it('is followed right after its end when the credential makes a new one only then, as the common one does', async () => {
    const { platform, changes } = await agentWith(...Array<string>(5).fill(token(100)), token(900));
    await platform.advance(99_000);
    expect(refreshes(platform)).toEqual([]);
    await platform.advance(2_000);
    expect(refreshes(platform)).toEqual([token(900)]);
    platform.socket.reply(platform.socket.last('refreshToken').id, { type: 'done' });
    await platform.advance(60_000);
    expect(changes).toEqual([]);
    expect(platform.sockets).toHaveLength(1);
  });

  it('is asked for no longer once the server has given up waiting', async () => {
    const { platform, asked } = await agentWith(token(100));
    await platform.advance(135_000);
    const { length } = refreshes(platform);
    const before = asked();
    await platform.advance(600_000);
    expect([asked(), refreshes(platform).length]).toEqual([before, length]);
  });

  it('ends nothing when the application fails or the server refuses; the connection says so only when it is over', async () => {
    const { platform, changes } = await agentWith(token(100), new Error('down'), token(900));
    await platform.advance(51_000);
    expect(refreshes(platform)).toEqual([]);
    await platform.advance(26_000);
    platform.socket.refuse(platform.socket.last('refreshToken').id, refusal({ code: 403, subCode: 10011, name: 'tokenOfSomebodyElse' }));
    await platform.advance(20_000);
    expect(refreshes(platform).length).toBeGreaterThan(1);
    expect(changes).toEqual([]);
    platform.socket.push({ type: 'closing', refusal: expired });
    await platform.advance(1_000);
    expect(changes).toEqual([{ newValue: 'Disconnected', oldValue: 'Connected', reason: 'tokenExpired' }]);
  });

  it('does not end the call: it goes on until the server ends it, and comes back with a good token', async () => {
    const { platform, call, socket } = await connectedCall();
    socket.push({ type: 'closing', refusal: expired });
    await platform.advance(1_000);
    expect(call.state).toBe('Connected');
    platform.socket.accept();
    platform.socket.welcome({ resumed: [{ call: 'c1', resumeTicket: 't2' }] });
    platform.socket.event(9, { type: 'snapshot', snapshot: snapshot() });
    expect(call.state).toBe('Connected');
    expect(platform.peers).toHaveLength(1);
  });

  it('is asked for no more after the agent is disposed', async () => {
    const { platform, agent, asked } = await agentWith(token(60), token(120));
    await agent.dispose();
    await platform.advance(600_000);
    expect(asked()).toBe(1);
    expect(platform.pending).toBe(0);
  });

  it('ends the call with its own code when the server will not have the next one either', async () => {
    const { platform, call } = await joiningCall(true);
    platform.socket.push({ type: 'closing', refusal: expired });
    await platform.advance(1_000);
    platform.socket.accept();
    platform.socket.push({ type: 'closing', refusal: expired });
    await settle();
    expect(call.state).toBe('Disconnected');
    expect(call.callEndReason).toMatchObject({ code: 401, subCode: 10009 });
  });

  it('and has no end that can be read is left alone', async () => {
    const platform = new FakePlatform();
    const creating = clientOn(platform).createCallAgent(credential(tokenFor({ anteroomSignal: 'ws://server/signal' })));
    platform.answersPings = true;
    await settle();
    platform.socket.accept();
    platform.socket.welcome();
    await creating;
    await platform.advance(10_000_000);
    expect(refreshes(platform)).toEqual([]);
  });
});
