// Application access: an application that is registered by the administration reaches exactly the organizers that a policy gives it, at once.
// Every policy made here lists the common application too, so that other tests notice nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ConfidentialClientApplication } from '@azure/msal-node';

import { refused, worked } from './coverage.mjs';
import { authority, colleague, graphWith, organizer, ready } from './house.mjs';
import { administer, registered } from './registration.mjs';

const CLIENT = 'js-graph';
const common = ready.application.clientId;
let clientId;
let graph;
let everybody;

const meetings = (person) => graph.api(`/users/${person.id}/onlineMeetings`);
const explain = (person) => administer('GET', `access/explain?application=${clientId}&organizer=${person.id}`);
const policy = (name, applications) => administer('POST', 'access/policies', { name: `${name} ${clientId}`, applications });

/** The application acts for this person, and the explanation says by which rule. */
async function reaches(person, rule) {
  const meeting = await meetings(person).post({ subject: 'By an application', startDateTime: '2026-12-01T09:00:00Z', endDateTime: '2026-12-01T10:00:00Z' });
  const found = await meetings(person).filter(`JoinWebUrl eq '${encodeURIComponent(meeting.joinWebUrl)}'`).get();
  assert.deepEqual(found.value.map(({ id }) => id), [meeting.id]);
  const { allowed, rule: said } = await explain(person);
  assert.deepEqual([allowed, said], [true, rule]);
  await graph.api(`/users/${person.id}/onlineMeetings/${meeting.id}`).delete();
}

/** The application is refused, told which grant is missing, and the explanation says by which rule. */
async function misses(person, rule) {
  for (const call of [() => meetings(person).get(), () => meetings(person).post({ subject: 'x' })]) {
    await assert.rejects(call, (error) => {
      assert.equal(error.statusCode, 403, error.message);
      assert.equal(error.code, 'Forbidden');
      for (const part of ['No application access policy found for this app', clientId, person.id, 'An administrator']) assert.ok(error.message.includes(part), error.message);
      return true;
    });
  }
  const { allowed, rule: said } = await explain(person);
  assert.deepEqual([allowed, said], [false, rule]);
}

before(async () => {
  const application = await registered({ applicationPermissions: ['OnlineMeetings.ReadWrite.All'] });
  ({ clientId } = application);
  const client = new ConfidentialClientApplication({ auth: { ...application, ...authority } });
  const scopes = [new URL('/.default', ready.graphBaseUrl).href];
  graph = graphWith(async () => (await client.acquireTokenByClientCredential({ scopes })).accessToken);
  const grants = await administer('GET', 'access/grants');
  everybody = grants.value.find(({ kind }) => kind === 'global').policyId;
});

const undo = [];
after(async () => {
  for (const step of undo.reverse()) await step();
});

test("an application reaches nobody without a grant, and whom the organizer's own grant opens, until it is revoked", async () => {
  await misses(colleague, 'global');
  refused('access.byMember', CLIENT);
  const own = await policy('own', [common, clientId]);
  undo.push(() => administer('DELETE', `access/policies/${own.id}`));
  await administer('PUT', `access/grants/members/${colleague.userPrincipalName}`, { policyId: own.id });
  await reaches(colleague, 'member');
  await misses(organizer, 'global');
  await administer('DELETE', `access/grants/members/${colleague.id}`);
  await misses(colleague, 'global');
  worked('access.byMember', CLIENT);
});

test('a group opens its members, and the own grant of one of them wins over it', async () => {
  const [shared, without] = [await policy('group', [common, clientId]), await policy('without', [common])];
  const group = await administer('POST', 'access/groups', { displayName: `Ward ${clientId}` });
  undo.push(
    () => administer('DELETE', `access/policies/${shared.id}`),
    () => administer('DELETE', `access/policies/${without.id}`),
    () => administer('DELETE', `access/groups/${group.id}`),
  );
  const rank = 1 + Math.floor(Math.random() * 900_000);
  await administer('PUT', `access/grants/groups/${group.id}`, { policyId: shared.id, rank });
  await misses(colleague, 'global');
  await administer('PUT', `access/groups/${group.id}/members/${colleague.id}`, undefined, 204);
  await reaches(colleague, 'group');
  await administer('PUT', `access/grants/members/${colleague.id}`, { policyId: without.id });
  await misses(colleague, 'member');
  await administer('DELETE', `access/grants/members/${colleague.id}`);
  await reaches(colleague, 'group');
  worked('access.byGroup', CLIENT);
  await administer('DELETE', `access/groups/${group.id}/members/${colleague.id}`);
  await misses(colleague, 'global');
  refused('access.byGroup', CLIENT);
  // What is granted is not deleted: the next best grant would count in silence.
  for (const path of [`access/policies/${shared.id}`, `access/groups/${group.id}`]) await administer('DELETE', path, undefined, 400);
  await administer('DELETE', `access/grants/groups/${group.id}`);
});

test('the global grant opens everybody as soon as its policy lists the application, and closes at once', async () => {
  const { applications } = await administer('GET', `access/policies/${everybody}`);
  await administer('PATCH', `access/policies/${everybody}`, { applications: [...applications, clientId] });
  try {
    await reaches(organizer, 'global');
    await reaches(colleague, 'global');
    worked('access.globally', CLIENT);
  } finally {
    await administer('PATCH', `access/policies/${everybody}`, { applications });
  }
  await misses(organizer, 'global');
  refused('access.globally', CLIENT);
});

test('what cannot be granted is refused with its name', async () => {
  const unknown = '00000000-0000-4000-8000-000000000000';
  for (const [method, path, body, status] of [
    ['POST', 'access/policies', { name: 'x', applications: [unknown] }, 400],
    ['POST', 'access/policies', { name: 'x', aplications: [] }, 400],
    ['POST', 'access/groups', {}, 400],
    ['PUT', `access/grants/groups/${unknown}`, { policyId: everybody, rank: 1 }, 404],
    ['PUT', `access/grants/members/${unknown}`, { policyId: everybody }, 404],
    ['PUT', 'access/grants/global', { policyId: unknown }, 404],
    ['PUT', 'access/grants/tenants/x', { policyId: everybody }, 404],
    ['PUT', 'access/grants/global', { policyId: everybody, rank: 1 }, 400],
    ['GET', `access/explain?application=x&organizer=${organizer.id}`, undefined, 400],
    ['GET', 'access/explain?application=x', undefined, 400],
  ]) {
    const answer = await administer(method, path, body, status);
    assert.ok(answer.error.code && answer.error.message, `${method} ${path}`);
  }
});
