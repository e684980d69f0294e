// Attendance of a real meeting: people join with the calling SDK in Chromium, wait, come, go and come again; @microsoft/microsoft-graph-client
// reads the report afterwards.
/* global meeting -- of the pages */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { CommunicationIdentityClient } from '@azure/communication-identity';

import { Browser } from '../browser/browser.mjs';
import { refused, worked } from './coverage.mjs';
import { colleague, graph, organizer, ready } from './house.mjs';
import { SCOPES, graphOf, member } from './member.mjs';

const CLIENT = 'js-graph';
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

async function refuses(operation, call, statusCode, code) {
  await assert.rejects(call, (error) => {
    assert.equal(error.statusCode, statusCode, error.message);
    assert.equal(error.code, code);
    return true;
  });
  refused(operation, CLIENT);
}

/** What the client gives for a bare number: the number, or a stream of its digits. */
async function number(answer) {
  return Number(typeof answer === 'object' && answer !== null ? await new Response(answer).text() : answer);
}

test('who was in a meeting, how often and for how long is reported when it is over', { timeout: 180_000 }, async () => {
  const scheduled = await graph.api(`/users/${organizer.id}/onlineMeetings`).post({ subject: 'Visit' });
  const path = `/users/${organizer.id}/onlineMeetings/${scheduled.id}/attendanceReports`;
  const { user, token } = await identities.createUserAndToken(['voip']);
  const anna = await seat(await organizerToken());
  await anna.join(scheduled.joinWebUrl, undefined, true);
  await anna.state('Connected');
  for (let visit = 0; visit < 2; visit += 1) {
    const maria = await seat(token);
    await maria.join(scheduled.joinWebUrl, 'Maria Schmidt');
    await maria.state('InLobby');
    await anna.admit();
    await maria.state('Connected');
    await maria.hangUp(false);
    await anna.gone(user.communicationUserId);
  }
  assert.deepEqual((await graph.api(path).get()).value, [], 'a running meeting has no report');
  await anna.hangUp(true);

  let reports = [];
  // The end is written down a moment after the last one has gone.
  for (let tries = 0; reports.length === 0 && tries < 100; tries += 1) {
    await pause(100);
    reports = (await graph.api(path).get()).value;
  }
  assert.equal(reports.length, 1);
  assert.equal(reports[0].totalParticipantCount, 2);
  worked('graph.attendance.listReports', CLIENT);
  assert.equal(await number(await graph.api(`${path}/$count`).get()), 1);
  worked('graph.attendance.countReports', CLIENT);

  const report = `${path}/${reports[0].id}`;
  const { attendanceRecords } = await graph.api(report).expand('attendanceRecords').get();
  const [own, guest] = attendanceRecords;
  assert.deepEqual([own.role, own.identity.id, own.emailAddress], ['Organizer', organizer.id, organizer.userPrincipalName]);
  assert.deepEqual([guest.role, guest.identity.id, guest.identity.displayName], ['Attendee', user.communicationUserId, 'Maria Schmidt']);
  assert.equal(guest.identity['@odata.type'], '#microsoft.graph.azureCommunicationServicesUserIdentity');
  assert.equal(guest.attendanceIntervals.length, 2, 'each visit is an interval of one record');
  const [stay, visits] = [own, guest].map(({ attendanceIntervals }) => attendanceIntervals.map((each) => [each.joinDateTime, each.leaveDateTime].map(Date.parse)));
  assert.ok(visits.every(([from, to]) => stay[0][0] <= from && from < to && to <= stay[0][1]), 'visits lie within the meeting');
  worked('graph.attendance.getReport', CLIENT);
  assert.deepEqual((await graph.api(`${report}/attendanceRecords`).get()).value, attendanceRecords);
  worked('graph.attendance.listRecords', CLIENT);
  assert.equal(await number(await graph.api(`${report}/attendanceRecords/$count`).get()), 2);
  worked('graph.attendance.countRecords', CLIENT);
  assert.deepEqual((await graph.api(`${report}/attendanceRecords/${guest.id}`).get()).identity, guest.identity);
  worked('graph.attendance.getRecord', CLIENT);

  const stranger = await graphOf(colleague, ['User.Read', PERMISSION]);
  const elsewhere = `/me/onlineMeetings/${scheduled.id}/attendanceReports`;
  await refuses('graph.attendance.listReports', stranger.api(elsewhere).get(), 403, 'Forbidden');
  await refuses('graph.attendance.countReports', stranger.api(`${elsewhere}/$count`).get(), 403, 'Forbidden');
  await refuses('graph.attendance.getReport', graph.api(`${path}/${randomUUID()}`).get(), 404, 'NotFound');
  await refuses('graph.attendance.listRecords', graph.api(`${path}/${randomUUID()}/attendanceRecords`).get(), 404, 'NotFound');
  await refuses('graph.attendance.countRecords', graph.api(`${path}/${randomUUID()}/attendanceRecords/$count`).get(), 404, 'NotFound');
  await refuses('graph.attendance.getRecord', graph.api(`${report}/attendanceRecords/${randomUUID()}`).get(), 404, 'NotFound');
  await refuses('graph.artifacts.write', graph.api(path).post({ totalParticipantCount: 5 }), 405, 'Request_BadRequest');
});
