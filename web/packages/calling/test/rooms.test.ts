// Room calls, group calls and surveys as applications see them.
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { CallSurvey } from '../src/index';
import { Features } from '../src/index';
import type { CallKind, Role } from '../src/wire';
import { FakeMediaStream, OTHER, OWN, connectedCall, guestAgent, meeting, own, participant, refusal, settle, snapshot } from './harness';

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  vi.stubGlobal('navigator', { mediaDevices: undefined, userAgent: '' });
});

const GROUP = '29228d3e-040e-4656-a70e-890ab4e173e5';

/** A guest in a call of that kind, with another guest. */
async function inCall(locator: { roomId: string } | { groupId: string }, kind: CallKind, role: Role, other: Role) {
  const made = await guestAgent();
  const call = made.agent.join(locator);
  await settle();
  const { socket } = made.platform;
  socket.reply(socket.last('join').id, { type: 'joined', call: 'c1', session: 's1', resumeTicket: 't1', waiting: false });
  const groupId = 'groupId' in locator ? locator.groupId : null;
  const told = snapshot({
    meeting: meeting({ kind, groupId, threadId: '', subject: '' }),
    own: own({ role }),
    participants: [participant(OWN, { role }), participant(OTHER, { role: other })],
  });
  socket.event(1, { type: 'snapshot', snapshot: told });
  await settle();
  return { ...made, call, socket };
}

describe('a call in a room', () => {
  it('has the roles of the room, no lobby and no thread', async () => {
    const { call, socket } = await inCall({ roomId: '99199690362660524' }, 'room', 'presenter', 'consumer');
    expect(socket.last('join').body.locator).toEqual({ type: 'room', roomId: '99199690362660524' });
    expect(call.state).toBe('Connected');
    expect(call.role).toBe('Presenter');
    expect(call.remoteParticipants[0]?.role).toBe('Consumer');
    expect(call.lobby).toBeUndefined();
    expect(call.info.threadId).toBeUndefined();
    expect(call.info.groupId).toBeUndefined();
  });

  it('follows roles that the application changes', async () => {
    const { call, socket } = await inCall({ roomId: '1' }, 'room', 'attendee', 'attendee');
    const changed = vi.fn();
    call.on('roleChanged', changed);
    call.remoteParticipants[0]?.on('roleChanged', changed);
    socket.event(2, { type: 'participants', upserted: [participant(OTHER, { role: 'collaborator' })], left: [] });
    socket.event(3, { type: 'own', own: own({ role: 'consumer' }) });
    expect(changed).toHaveBeenCalledTimes(2);
    expect([call.role, call.remoteParticipants[0]?.role]).toEqual(['Consumer', 'Collaborator']);
  });

  it('ends with the documented codes when the person is taken out of the room', async () => {
    const { call, socket } = await inCall({ roomId: '1' }, 'room', 'attendee', 'attendee');
    socket.event(2, { type: 'ended', reason: refusal({ code: 0, subCode: 5317, name: 'roomInvitationRemoved' }) });
    expect(call.state).toBe('Disconnected');
    expect(call.callEndReason).toMatchObject({ code: 0, subCode: 5317 });
  });

  it('is not entered by who is not invited', async () => {
    const { agent, platform } = await guestAgent();
    const call = agent.join({ roomId: '1' });
    await settle();
    platform.socket.refuse(platform.socket.last('join').id, refusal({ code: 403, subCode: 5828, name: 'notInvitedToRoom' }));
    await settle();
    expect(call.callEndReason).toMatchObject({ code: 403, subCode: 5828 });
  });
});

describe('a group call', () => {
  it('has a group id and no roles, no lobby and no thread', async () => {
    const { call, socket } = await inCall({ groupId: GROUP }, 'group', 'presenter', 'presenter');
    expect(socket.last('join').body.locator).toEqual({ type: 'group', groupId: GROUP });
    expect(call.info.groupId).toBe(GROUP);
    expect(call.info.threadId).toBeUndefined();
    expect(call.lobby).toBeUndefined();
    expect([call.role, call.remoteParticipants[0]?.role]).toEqual(['Unknown', 'Unknown']);
  });
});

describe('a call in a meeting', () => {
  it('has a lobby, a thread and roles', async () => {
    const { call } = await connectedCall();
    expect(call.lobby).toBeDefined();
    expect(call.info.threadId).toBe('19:meeting_x@thread.v2');
    expect(call.role).toBe('Attendee');
  });
});

describe('a survey', () => {
  const survey: CallSurvey = { overallRating: { score: 4 }, audioRating: { score: 20, scale: { lowerBound: 0, upperBound: 100, lowScoreThreshold: 30 }, issues: ['Echo', 'Echo'] } };

  it('is sent after the call has ended, and answered with its id', async () => {
    const { call, socket } = await connectedCall();
    await call.hangUp();
    const answer = call.feature(Features.CallSurvey).submitSurvey(survey);
    await settle();
    const sent = socket.last('submitSurvey');
    expect(sent.call).toBeNull();
    expect(sent.body).toEqual({
      type: 'submitSurvey',
      session: 's1',
      ratings: [
        { subject: 'overall', score: 4, lower: 1, upper: 5, lowThreshold: 3, issues: [] },
        { subject: 'audio', score: 20, lower: 0, upper: 100, lowThreshold: 30, issues: ['Echo'] },
      ],
    });
    socket.reply(sent.id, { type: 'survey', id: 'survey-1' });
    expect(await answer).toEqual({ ...survey, id: 'survey-1', callId: call.id, localParticipantId: 's1' });
  });

  it('that makes no sense is not sent', async () => {
    const { call, socket } = await connectedCall();
    const feature = call.feature(Features.CallSurvey);
    const scale = { lowerBound: 1, upperBound: 5, lowScoreThreshold: 3 };
    for (const wrong of [
      {},
      { overallRating: { score: 0 } },
      { overallRating: { score: 6 } },
      { overallRating: { score: 2.5 } },
      { overallRating: { score: 5, scale: { ...scale, lowerBound: 5 } } },
      { overallRating: { score: 5, scale: { ...scale, upperBound: 101 } } },
      { overallRating: { score: 5, scale: { ...scale, lowScoreThreshold: 9 } } },
    ]) {
      await expect(feature.submitSurvey(wrong)).rejects.toMatchObject({ code: 400, reason: 'surveyInvalid' });
    }
    expect(socket.count('submitSurvey')).toBe(0);
  });

  it('of a call that the server never took fails, and a refusal is passed on', async () => {
    const { agent, platform } = await guestAgent();
    const never = agent.join({ groupId: GROUP });
    await expect(never.feature(Features.CallSurvey).submitSurvey(survey)).rejects.toMatchObject({ code: 412, reason: 'surveyWithoutCall' });
    await settle();
    const { socket } = platform;
    socket.reply(socket.last('join').id, { type: 'joined', call: 'c1', session: 's1', resumeTicket: 't1', waiting: false });
    const answer = never.feature(Features.CallSurvey).submitSurvey(survey);
    await settle();
    socket.refuse(socket.last('submitSurvey').id, refusal({ code: 404, subCode: 46723, name: 'surveySessionUnknown' }));
    await expect(answer).rejects.toMatchObject({ code: 404, subCode: 46723 });
  });

  it('fails when the agent is gone', async () => {
    const { call, agent } = await connectedCall();
    await agent.dispose();
    await expect(call.feature(Features.CallSurvey).submitSurvey(survey)).rejects.toBeInstanceOf(Error);
  });
});
