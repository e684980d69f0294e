// @microsoft/microsoft-graph-client, in Node and in a page of another origin: every operation of the Graph facade on meetings and members, as it
// succeeds and as it typically fails.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { refused, worked } from './coverage.mjs';
import { SEATS } from './graph-seats.mjs';
import { administrator, colleague, organizer } from './house.mjs';

const meetings = `/users/${organizer.id}/onlineMeetings`;
const ARTIFACTS = ['OnlineMeetingArtifact.Read.All', 'OnlineMeetingRecording.Read.All', 'OnlineMeetingTranscript.Read.All'];

const status = (statusCode, code, target) => (error) => {
  assert.equal(error.statusCode, statusCode, `${error.code}: ${error.message}`);
  assert.ok(error.message);
  assert.ok(error.requestId, 'the error names its request');
  if (code !== undefined) assert.equal(error.code, code);
  if (target !== undefined) assert.ok(error.message.includes(target), error.message);
  return true;
};
/** What the client gives for an answer that is no JSON: a number, a text or a stream. */
async function textOf(answer) {
  return typeof answer === 'object' && answer !== null ? new Response(answer).text() : String(answer);
}

for (const { place, open } of SEATS) {
  describe(place, () => {
    /** The operation is refused as it typically is, and that is written down. */
    async function refuses(operation, call, ...expected) {
      await assert.rejects(call, status(...expected));
      refused(operation, CLIENT);
    }
    const schedule = (more = {}) => graph.api(meetings).post({ subject: 'Knee check-up', startDateTime: '2026-12-01T09:00:00Z', endDateTime: '2026-12-01T10:00:00Z', ...more });

    let seat;
    let CLIENT;
    let graph;
    let meeting;
    let member;
    let stranger;
    before(async () => {
      seat = await open();
      CLIENT = seat.client;
      graph = await seat.application();
      [meeting, member, stranger] = await Promise.all([
        schedule(),
        seat.of(organizer, ['User.Read', 'OnlineMeetings.ReadWrite', 'VirtualAppointment.Read', ...ARTIFACTS]),
        seat.of(colleague, ['User.Read', 'OnlineMeetings.ReadWrite', 'VirtualAppointment.Read', ...ARTIFACTS]),
      ]);
    });
    after(() => seat?.close());

    test('a meeting is scheduled with every option, and one with an impossible option is not', async () => {
      const options = {
        allowMeetingChat: 'limited',
        allowAttendeeToEnableMic: false,
        allowedPresenters: 'roleIsPresenter',
        lobbyBypassSettings: { scope: 'organizer', isDialInBypassEnabled: true },
        watermarkProtection: { isEnabledForVideo: true },
        meetingSpokenLanguageTag: 'de-DE',
        participants: { attendees: [{ upn: colleague.userPrincipalName, role: 'presenter' }] },
      };
      const made = await schedule(options);
      for (const [name, value] of Object.entries(options)) {
        if (name !== 'participants') assert.deepEqual(made[name], value, name);
      }
      assert.equal(made.participants.attendees[0].identity.user.id, colleague.id);
      worked('graph.meetings.create', CLIENT);
      await refuses('graph.meetings.create', schedule({ allowMeetingChat: 'unknownFutureValue' }), 400, 'InvalidArgument', 'allowMeetingChat');
    });

    test('createOrGet gives one meeting for one external id, and keeps its rules for times', async () => {
      const externalId = randomUUID();
      const ask = (more) => graph.api(`${meetings}/createOrGet`).post({ externalId, chatInfo: null, ...more });
      const first = await ask({ startDateTime: '2026-12-01T09:00:00Z' });
      assert.equal(Date.parse(first.endDateTime), Date.parse('2026-12-01T10:00:00Z'));
      assert.equal((await ask()).id, first.id);
      worked('graph.meetings.createOrGet', CLIENT);
      await refuses('graph.meetings.createOrGet', ask({ externalId: randomUUID(), endDateTime: '2026-12-01T10:00:00Z' }), 400, 'InvalidArgument');
    });

    test('a meeting is read by its id, in the language of the reader', async () => {
      const read = await graph.api(`${meetings}/${meeting.id}`).header('Accept-Language', 'de').get();
      assert.equal(read.joinWebUrl, meeting.joinWebUrl);
      assert.match(decodeURIComponent(read.joinInformation.content), /^data:text\/html,.*teilnehmen/);
      worked('graph.meetings.get', CLIENT);
      await refuses('graph.meetings.get', graph.api(`${meetings}/nonsense`).get(), 404, 'NotFound');
    });

    test('a meeting is found by join link, by meeting ID and not by the id of a conference system', async () => {
      for (const [operation, filter] of [
        ['graph.meetings.findByJoinUrl', `JoinWebUrl eq '${encodeURIComponent(meeting.joinWebUrl)}'`],
        ['graph.meetings.findByJoinUrl', `JoinWebUrl eq '${meeting.joinWebUrl}'`],
        ['graph.meetings.findByMeetingId', `joinMeetingIdSettings/joinMeetingId eq '${meeting.joinMeetingIdSettings.joinMeetingId}'`],
      ]) {
        const found = await graph.api(meetings).filter(filter).get();
        assert.deepEqual(found.value.map(({ id }) => id), [meeting.id], filter);
        worked(operation, CLIENT);
        await refuses(operation, stranger.api(meetings).filter(filter).get(), 403, 'Forbidden');
      }
      const byTeleconference = (client) => client.api('/communications/onlineMeetings/').filter("VideoTeleconferenceId eq '123456789'").get();
      assert.deepEqual((await byTeleconference(graph)).value, []);
      worked('graph.meetings.findByTeleconferenceId', CLIENT);
      await refuses('graph.meetings.findByTeleconferenceId', byTeleconference(member), 403, 'Forbidden');
    });

    test('the list is ordered, counted, and followed to its end by the iterator', async () => {
      const own = await seat.of(administrator);
      const made = [];
      for (const day of [1, 2, 3, 4, 5]) {
        made.push(await own.api('/me/onlineMeetings').post({ subject: `Operations ${day}`, startDateTime: `2027-01-0${day}T09:00:00Z`, endDateTime: `2027-01-0${day}T10:00:00Z` }));
      }
      const first = await own.api('/me/onlineMeetings').top(2).count(true).orderby('startDateTime desc').select('id,subject').get();
      assert.equal(first.value.length, 2);
      assert.equal(first.value[0].subject, 'Operations 5');
      worked('graph.meetings.list', CLIENT);
      const { items, complete } = await seat.pages(own, first);
      const seen = items.map(({ id }) => id);
      assert.equal(complete, true);
      assert.equal(seen.length, first['@odata.count']);
      assert.equal(new Set(seen).size, seen.length);
      assert.ok(made.every(({ id }) => seen.includes(id)));
      worked('graph.pages', CLIENT);
      const count = await own.api('/me/onlineMeetings/$count').get();
      assert.equal(Number(await textOf(count)), seen.length);
      worked('graph.meetings.count', CLIENT);
      await refuses('graph.meetings.list', own.api('/me/onlineMeetings').orderby('passcode').get(), 400, 'InvalidArgument');
      await refuses('graph.meetings.count', own.api('/me/onlineMeetings/$count').filter("subject eq 'x'").get(), 400, 'InvalidArgument');
      const broken = { value: [], '@odata.nextLink': `${first['@odata.nextLink']}&$top=none` };
      await refuses('graph.pages', seat.pages(own, broken), 400, 'InvalidArgument');
    });

    test('a change merges, and what cannot be changed stays', async () => {
      const path = `${meetings}/${(await schedule({ anonymizeIdentityForRoles: ['attendee'] })).id}`;
      const changed = await graph.api(path).patch({ '@odata.type': '#microsoft.graph.onlineMeeting', lobbyBypassSettings: { isDialInBypassEnabled: true }, isEntryExitAnnounced: false });
      assert.equal(changed.lobbyBypassSettings.scope, meeting.lobbyBypassSettings.scope);
      assert.equal(changed.isEntryExitAnnounced, false);
      worked('graph.meetings.update', CLIENT);
      for (const body of [
        { joinMeetingIdSettings: { isPasscodeRequired: false } },
        { anonymizeIdentityForRoles: [] },
        { endDateTime: '2026-12-02T10:00:00Z' },
        { participants: { organizer: { identity: { user: { id: colleague.id } } } } },
      ]) {
        await refuses('graph.meetings.update', graph.api(path).patch(body), 400, 'InvalidArgument');
      }
    });

    test('a meeting is deleted once', async () => {
      const path = `${meetings}/${(await schedule()).id}`;
      assert.equal(await graph.api(path).delete(), undefined);
      worked('graph.meetings.delete', CLIENT);
      await refuses('graph.meetings.delete', graph.api(path).delete(), 404, 'NotFound');
    });

    test('there are no recordings and transcripts, and only the organizer is told so', async () => {
      for (const kind of ['recordings', 'transcripts']) {
        const path = `${meetings}/${meeting.id}/${kind}`;
        const all = `/me/onlineMeetings/getAll${kind[0].toUpperCase()}${kind.slice(1)}(meetingOrganizerUserId='${organizer.id}')`;
        assert.deepEqual((await graph.api(path).get()).value, []);
        worked(`graph.${kind}.list`, CLIENT);
        assert.equal(Number(await textOf(await graph.api(`${path}/$count`).get())), 0);
        worked(`graph.${kind}.count`, CLIENT);
        assert.deepEqual((await member.api(all).get()).value, []);
        worked(`graph.${kind}.listAll`, CLIENT);
        const elsewhere = `/me/onlineMeetings/${meeting.id}/${kind}`;
        await refuses(`graph.${kind}.list`, stranger.api(elsewhere).get(), 403, 'Forbidden');
        await refuses(`graph.${kind}.count`, stranger.api(`${elsewhere}/$count`).get(), 403, 'Forbidden');
        await refuses(`graph.${kind}.listAll`, (await seat.of(colleague)).api(all).get(), 403, 'Forbidden');
        await refuses(`graph.${kind}.get`, graph.api(`${path}/${randomUUID()}`).get(), 404, 'NotFound');
        await refuses(`graph.${kind}.get`, graph.api(`${path}/${randomUUID()}/content`).get(), 404, 'NotFound');
      }
    });

    test('the link for a virtual appointment leads to the meeting', async () => {
      const path = `/me/onlineMeetings/${meeting.id}/getVirtualAppointmentJoinWebUrl`;
      for (const spelling of [path, `${path}()`]) assert.equal((await member.api(spelling).get()).value, meeting.joinWebUrl);
      worked('graph.appointments.joinUrl', CLIENT);
      await refuses('graph.appointments.joinUrl', stranger.api(path).get(), 403, 'Forbidden');
      const sms = graph.api(`${meetings}/${meeting.id}/sendVirtualAppointmentSms`).post({ phoneNumber: '+1', messageTemplate: 'confirmation' });
      await refuses('graph.appointments.sms', sms, 404);
    });

    test('members are read, filtered, searched, ordered and counted', async () => {
      assert.equal((await member.api('/me').select('id,displayName').get()).displayName, organizer.displayName);
      worked('graph.users.me', CLIENT);
      await refuses('graph.users.me', graph.api('/me').get(), 400);
      assert.equal((await graph.api(`/users/${colleague.userPrincipalName}`).get()).id, colleague.id);
      worked('graph.users.get', CLIENT);
      await refuses('graph.users.get', graph.api(`/users/${randomUUID()}`).get(), 404, 'Request_ResourceNotFound');

      const given = organizer.displayName.split(' ')[0];
      const filtered = await graph.api('/users').filter(`startswith(displayName,'${given}')`).get();
      assert.deepEqual(filtered.value.map(({ id }) => id), [organizer.id]);
      const searched = await graph.api('/users').header('ConsistencyLevel', 'eventual').search(`"displayName:${given}"`).get();
      assert.deepEqual(searched.value.map(({ id }) => id), [organizer.id]);
      const ordered = await graph.api('/users').orderby('displayName desc').top(999).get();
      const names = ordered.value.map(({ displayName }) => displayName.toLowerCase());
      assert.deepEqual(names, names.toSorted().toReversed());
      worked('graph.users.list', CLIENT);
      await refuses('graph.users.list', graph.api('/users').search(`"displayName:${given}"`).get(), 400, 'InvalidArgument', 'ConsistencyLevel');
      await refuses('graph.users.list', member.api('/users').get(), 403, 'Forbidden');
      const count = await graph.api('/users/$count').header('ConsistencyLevel', 'eventual').get();
      assert.equal(Number(await textOf(count)), names.length);
      worked('graph.users.count', CLIENT);
      await refuses('graph.users.count', graph.api('/users/$count').get(), 400, 'InvalidArgument', 'ConsistencyLevel');
    });

    test('a batch built by the client is answered part by part, dependencies first', async () => {
      const json = { headers: { 'Content-Type': 'application/json' } };
      const answers = await seat.batch(member, [
        { id: '1', path: '/me' },
        { id: '2', path: '/me/onlineMeetings', init: { method: 'POST', body: JSON.stringify({ subject: 'In a batch' }), ...json }, dependsOn: ['1'] },
        { id: '3', path: '/users', dependsOn: ['2'] },
        { id: '4', path: '/me', dependsOn: ['3'] },
      ]);
      const [me, made, forbidden, skipped] = ['1', '2', '3', '4'].map((id) => answers[id]);
      assert.equal(me.body.id, organizer.id);
      assert.equal(made.status, 201);
      assert.equal(made.body.subject, 'In a batch');
      assert.deepEqual([forbidden.status, skipped.status], [403, 424]);
      assert.equal(skipped.body.error.code, 'FailedDependency');
      worked('graph.batch', CLIENT);
      const twice = { requests: ['a', 'A'].map((id) => ({ id, method: 'GET', url: '/me' })) };
      await refuses('graph.batch', member.api('/$batch').post(twice), 400, 'InvalidArgument');
    });
  });
}
