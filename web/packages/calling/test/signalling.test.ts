import { describe, expect, it } from 'vitest';

import { Features } from '../src/index';
import { TOKEN, clientOn, connectedCall, credential, FakePlatform, guestAgent, refusal, settle, tokenFor } from './harness';

describe('connecting', () => {
  it('finds the server in the token and says hello with it', async () => {
    const { platform, agent } = await guestAgent();
    expect(platform.socket.url).toBe('ws://server/signal');
    expect(platform.socket.hello).toMatchObject({ protocol: 1, token: TOKEN, resume: [] });
    expect(agent.connectionState).toBe('Connected');
  });

  it('says what to do when the token names no server', async () => {
    const creating = clientOn(new FakePlatform()).createCallAgent(credential(tokenFor({ exp: 1 })));
    await expect(creating).rejects.toMatchObject({ reason: 'noServer', code: 400 });
  });

  it('asks for another token once when the first is refused, then gives up with the reason', async () => {
    const platform = new FakePlatform();
    const tokens = [TOKEN, tokenFor({ anteroomSignal: 'ws://server/signal', second: true })];
    let given = 0;
    const creating = clientOn(platform).createCallAgent(credential(() => tokens[Math.min(given++, 1)] ?? ''));
    const failed = expect(creating).rejects.toMatchObject({ code: 401, subCode: 10009, message: 'You could not be identified.' });
    const invalid = refusal({ code: 401, subCode: 10009, name: 'tokenInvalid', message: 'You could not be identified.' });
    await settle();
    platform.socket.accept();
    platform.socket.push({ type: 'closing', refusal: invalid });
    await platform.advance(1_000);
    expect(platform.sockets).toHaveLength(2);
    platform.socket.accept();
    expect(platform.socket.hello.token).toBe(tokens[1]);
    platform.socket.push({ type: 'closing', refusal: invalid });
    await failed;
    await platform.advance(60_000);
    expect(platform.sockets).toHaveLength(2);
  });

  it('calls an expired token by that name, and is connected again with the next one', async () => {
    const { platform, agent } = await guestAgent();
    const changes: unknown[] = [];
    agent.on('connectionStateChanged', (change) => changes.push(change));
    platform.socket.push({ type: 'closing', refusal: refusal({ code: 401, subCode: 10009, name: 'tokenExpired', message: 'Your access has expired.' }) });
    await platform.advance(1_000);
    platform.socket.accept();
    platform.socket.welcome();
    expect(changes).toEqual([
      { newValue: 'Disconnected', oldValue: 'Connected', reason: 'tokenExpired' },
      { newValue: 'Connected', oldValue: 'Disconnected' },
    ]);
  });

  it('fails after a while when the server does not answer', async () => {
    const platform = new FakePlatform();
    const failed = expect(clientOn(platform).createCallAgent(credential())).rejects.toMatchObject({ code: 408, subCode: 40104 });
    await settle();
    platform.socket.accept();
    await platform.advance(21_000);
    await failed;
    expect(platform.pending).toBe(0);
  });

  it('fails with another number when the server cannot be reached at all', async () => {
    const platform = new FakePlatform();
    const failed = expect(clientOn(platform).createCallAgent(credential())).rejects.toMatchObject({ code: 408, subCode: 40114 });
    await platform.advance(21_000);
    await failed;
  });

  it('refuses a second agent of the same identity, and allows one after the first is disposed', async () => {
    const { platform, client, agent } = await guestAgent();
    const again = async () => {
      const creating = client.createCallAgent(credential());
      await settle();
      platform.socket.accept();
      platform.socket.welcome();
      return creating;
    };
    await expect(again()).rejects.toMatchObject({ code: 409, subCode: 40228 });
    await agent.dispose();
    await expect(again()).resolves.toHaveProperty('connectionState', 'Connected');
  });
});

describe('requests', () => {
  it('settle with connectionLost when the socket goes', async () => {
    const { call, socket } = await connectedCall();
    const raise = expect(call.feature(Features.RaiseHand).raiseHand()).rejects.toMatchObject({ reason: 'connectionLost' });
    socket.drop();
    await raise;
  });

  it('settle by time when the server stays silent', async () => {
    const { call, platform } = await connectedCall();
    const raise = expect(call.feature(Features.RaiseHand).raiseHand()).rejects.toMatchObject({ reason: 'requestTimeout' });
    await platform.advance(10_001);
    await raise;
  });

  it('settle as a protocol error when the answer cannot be read', async () => {
    const { call, socket } = await connectedCall();
    const raise = call.feature(Features.RaiseHand).raiseHand();
    socket.push({ type: 'response', id: socket.last('raiseHand').id, outcome: { type: 'ok' } });
    await expect(raise).rejects.toMatchObject({ reason: 'protocol' });
  });

  it('settle at the end of the agent', async () => {
    const { agent, platform } = await guestAgent();
    const call = agent.join({ meetingLink: 'http://host/x' });
    await settle();
    await agent.dispose();
    expect(call.state).toBe('Disconnected');
    expect(platform.socket.open).toBe(false);
  });

  it('wait for the connection when there is none just now', async () => {
    const { agent, platform } = await guestAgent();
    platform.socket.drop();
    const call = agent.join({ meetingLink: 'http://host/x' });
    await platform.advance(1_000);
    platform.socket.accept();
    expect(platform.socket.count('join')).toBe(0);
    platform.socket.welcome();
    await settle();
    expect(platform.socket.count('join')).toBe(1);
    expect(call.state).toBe('Connecting');
  });
});

describe('the heartbeat', () => {
  it('asks after silence and reconnects when nothing comes back', async () => {
    const { platform, agent } = await guestAgent();
    const changes: unknown[] = [];
    agent.on('connectionStateChanged', (change) => changes.push(change));
    await platform.advance(15_000);
    expect(platform.sockets[0]?.received.at(-1)).toEqual({ type: 'ping' });
    await platform.advance(30_001);
    expect(changes).toEqual([{ newValue: 'Disconnected', oldValue: 'Connected', reason: 'connectionIssue' }]);
    await platform.advance(1_000);
    expect(platform.sockets).toHaveLength(2);
  });

  it('stays while the server answers', async () => {
    const { platform, agent } = await guestAgent();
    for (let minute = 0; minute < 8; minute += 1) {
      await platform.advance(15_000);
      platform.socket.push({ type: 'pong' });
    }
    expect(platform.sockets).toHaveLength(1);
    expect(agent.connectionState).toBe('Connected');
  });

  it('does not wait for the backoff when the browser says that the network is back', async () => {
    const { platform } = await guestAgent();
    platform.socket.drop();
    platform.network(true);
    await settle();
    expect(platform.sockets).toHaveLength(2);
  });
});
