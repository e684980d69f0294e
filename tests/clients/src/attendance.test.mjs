// Attendance of a real meeting: people join with the calling SDK in Chromium, wait, come, go and come again; @microsoft/microsoft-graph-client
// reads the report afterwards, in Node and in a page.
/* global meeting -- of the pages */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { CommunicationIdentityClient } from '@azure/communication-identity';

import { Browser } from '../browser/browser.mjs';
import { refused, worked } from './coverage.mjs';
import { SEATS, seatOf } from './graph-seats.mjs';
import { colleague, graph, organizer, ready } from './house.mjs';
import { SCOPES, member } from './member.mjs';

const PERMISSION = 'OnlineMeetingArtifact.Read.All';
const identities = new CommunicationIdentityClient(ready.connectionString);

let browser;
before(async () => {
  browser = await Browser.open(ready.origin);
});
after(() => browser?.close());

/** A communication token of the organizer, as a member of the organisation gets it. */
async function organizerToken() {
  const { redeem, clientId } = await member(organizer, SCOPES);
  const { accessToken } = await redeem();
  const exchanged = await identities.getTokenForTeamsUser({ teamsUserAadToken: accessToken, clientId, userObjectId: organizer.id });
  return exchanged.token;
}

/** A page of somebody who joins. */
async function seat(token) {
  const page = await browser.page('meeting.mjs');
  const own = (name) => (...args) => page.evaluate(([method, given]) => meeting[method](...given), [name, args]);
  return {
    join: (link, name, isMember = false) => own('join')(token, link, name, isMember),
    state: own('state'),
    admit: own('admit'),
    gone: own('gone'),
    hangUp: own('hangUp'),
  };
}

/** What the client gives for a bare number: the number, or a stream of its digits. */
async function number(answer) {
  return Number(typeof answer === 'object' && answer !== null ? await new Response(answer).text() : answer);
}

/** The reports under the path, once there are so many: the end is written down a moment after the last one has gone. */
async function reportsOf(path, count) {
  let reports = [];
  for (let tries = 0; reports.length < count && tries < 100; tries += 1) {
    await pause(100);
    reports = (await graph.api(path).get()).value;
  }
  assert.equal(reports.length, count);
  return reports;
}

test('who was in a meeting, how often and for how long is reported when it is over', { timeout: 180_000 }, async () => {
  const scheduled = await graph.api(`/users/${organizer.id}/onlineMeetings`).post({ subject: 'Visit' });
  const path = `/users/${organizer.id}/onlineMeetings/${scheduled.id}/attendanceReports`;
  const { user, token } = await identities.createUserAndToken(['voip']);
  const own = await organizerToken();
  const anna = await seat(own);
  await anna.join(scheduled.joinWebUrl, undefined, true);
  await anna.state('Connected');
  const admissions = [];
  for (let visit = 0; visit < 2; visit += 1) {
    const maria = await seat(token);
    await maria.join(scheduled.joinWebUrl, 'Maria Schmidt');
    await maria.state('InLobby');
    const waits = Date.now();
    assert.deepEqual((await graph.api(path).get()).value, [], 'a running meeting has no report');
    const admitted = await anna.admit();
    assert.ok(waits < admitted, 'the visit was waited for');
    admissions.push(admitted);
    await maria.state('Connected');
    await maria.hangUp(false);
    await anna.gone(user.communicationUserId);
  }
  await anna.hangUp(true);
  const [first] = await reportsOf(path, 1);
  assert.equal(first.totalParticipantCount, 2);
  const { attendanceRecords } = await graph.api(`${path}/${first.id}`).expand('attendanceRecords').get();
  const guest = attendanceRecords.find(({ identity }) => identity.id === user.communicationUserId);
  const joined = guest.attendanceIntervals.map(({ joinDateTime }) => Date.parse(joinDateTime));
  assert.equal(joined.length, 2, 'each visit is an interval of one record');
  joined.forEach((moment, visit) => assert.ok(moment >= admissions[visit], `waiting in the lobby counts: ${moment} < ${admissions[visit]}`));

  const again = await seat(own);
  await again.join(scheduled.joinWebUrl, undefined, true);
  await again.state('Connected');
  await again.hangUp(true);
  const [second, same] = await reportsOf(path, 2);
  assert.deepEqual(same, first, 'the earlier report stays as it was');
  assert.notEqual(second.id, first.id);
  assert.equal(second.totalParticipantCount, 1);
  assert.ok(Date.parse(second.meetingStartDateTime) >= Date.parse(first.meetingEndDateTime));

  for (const reader of [await SEATS[0].open(), seatOf(await browser.page('graph.mjs'))]) {
    await read(reader, { path, id: first.id, meeting: scheduled, guest: user.communicationUserId });
  }
});

/** Every operation on the reports, with this seat's client. */
async function read({ client, application, of }, { path, id, meeting: scheduled, guest: rawId }) {
  const refuses = async (operation, call, statusCode, code) => {
    await assert.rejects(call, (error) => {
      assert.equal(error.statusCode, statusCode, error.message);
      assert.equal(error.code, code);
      return true;
    });
    refused(operation, client);
  };
  const reader = await application();
  const reports = (await reader.api(path).get()).value;
  assert.deepEqual(reports.map((each) => each.totalParticipantCount), [1, 2], 'two held meetings, the latest first');
  worked('graph.attendance.listReports', client);
  assert.equal(await number(await reader.api(`${path}/$count`).get()), 2);
  worked('graph.attendance.countReports', client);
  const report = `${path}/${id}`;
  const { attendanceRecords } = await reader.api(report).expand('attendanceRecords').get();
  const [own, guest] = attendanceRecords;
  assert.deepEqual([own.role, own.identity.id, own.emailAddress], ['Organizer', organizer.id, organizer.userPrincipalName]);
  assert.deepEqual([guest.role, guest.identity.id, guest.identity.displayName], ['Attendee', rawId, 'Maria Schmidt']);
  assert.equal(guest.identity['@odata.type'], '#microsoft.graph.azureCommunicationServicesUserIdentity');
  assert.equal(guest.attendanceIntervals.length, 2, 'each visit is an interval of one record');
  const [stay, visits] = [own, guest].map(({ attendanceIntervals }) => attendanceIntervals.map((each) => [each.joinDateTime, each.leaveDateTime].map(Date.parse)));
  assert.ok(visits.every(([from, to]) => stay[0][0] <= from && from < to && to <= stay[0][1]), 'visits lie within the meeting');
  worked('graph.attendance.getReport', client);
  assert.deepEqual((await reader.api(`${report}/attendanceRecords`).get()).value, attendanceRecords);
  worked('graph.attendance.listRecords', client);
  assert.equal(await number(await reader.api(`${report}/attendanceRecords/$count`).get()), 2);
  worked('graph.attendance.countRecords', client);
  assert.deepEqual((await reader.api(`${report}/attendanceRecords/${guest.id}`).get()).identity, guest.identity);
  worked('graph.attendance.getRecord', client);

  const stranger = await of(colleague, ['User.Read', PERMISSION]);
  const elsewhere = `/me/onlineMeetings/${scheduled.id}/attendanceReports`;
  await refuses('graph.attendance.listReports', stranger.api(elsewhere).get(), 403, 'Forbidden');
  await refuses('graph.attendance.countReports', stranger.api(`${elsewhere}/$count`).get(), 403, 'Forbidden');
  await refuses('graph.attendance.getReport', reader.api(`${path}/${randomUUID()}`).get(), 404, 'NotFound');
  await refuses('graph.attendance.listRecords', reader.api(`${path}/${randomUUID()}/attendanceRecords`).get(), 404, 'NotFound');
  await refuses('graph.attendance.countRecords', reader.api(`${path}/${randomUUID()}/attendanceRecords/$count`).get(), 404, 'NotFound');
  await refuses('graph.attendance.getRecord', reader.api(`${report}/attendanceRecords/${randomUUID()}`).get(), 404, 'NotFound');
  await refuses('graph.artifacts.write', reader.api(path).post({ totalParticipantCount: 5 }), 405, 'Request_BadRequest');
}
