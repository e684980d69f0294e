// @microsoft/microsoft-graph-client, in Node and in a page of another origin: every operation on calendars and events, as it succeeds and as it
// typically fails. What the invitations say is read by an iCalendar reader that knows nothing of this server (ical.js).
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import ICAL from 'ical.js';

import { refused, worked } from './coverage.mjs';
import { SEATS } from './graph-seats.mjs';
import { colleague, organizer } from './house.mjs';

const own = `/users/${organizer.id}`;
const SCOPES = ['User.Read', 'Calendars.ReadWrite', 'OnlineMeetings.ReadWrite'];

const at = (dateTime, timeZone = 'W. Europe Standard Time') => ({ dateTime, timeZone });
const visit = (more = {}) => ({
  subject: 'Knee check-up',
  start: at('2026-12-01T09:00:00'),
  end: at('2026-12-01T10:00:00'),
  attendees: [{ type: 'required', emailAddress: { address: 'maria@example.org', name: 'Maria Lopez' } }],
  isOnlineMeeting: true,
  onlineMeetingProvider: 'teamsForBusiness',
  ...more,
});

for (const { place, open } of SEATS) {
  describe(place, () => {
    let seat;
    let CLIENT;
    let graph;
    let member;
    let stranger;
    let reader;
    before(async () => {
      seat = await open();
      CLIENT = seat.client;
      graph = await seat.application();
      member = await seat.of(organizer, SCOPES);
      stranger = await seat.of(colleague, SCOPES);
      reader = await seat.of(organizer, ['User.Read', 'Calendars.Read']);
    });
    after(() => seat?.close());

    async function refuses(operation, call, statusCode, code) {
      await assert.rejects(call, (error) => {
        assert.equal(error.statusCode, statusCode, `${error.code}: ${error.message}`);
        assert.equal(error.code, code);
        assert.ok(error.message && error.requestId);
        return true;
      });
      refused(operation, CLIENT);
    }

    const create = (more) => graph.api(`${own}/events`).post(visit(more));
    const series = (pattern, range, day, more) =>
      create({ start: at(`${day}T09:00:00`), end: at(`${day}T09:30:00`), recurrence: { pattern, range: { startDate: day, ...range } }, ...more });
    const meetingsOf = async (url) => (await graph.api(`${own}/onlineMeetings`).filter(`JoinWebUrl eq '${encodeURIComponent(url)}'`).get()).value;

    test('an event is made by member and application, with a meeting that its join link finds', async () => {
      for (const [client, base] of [[graph, own], [member, '/me']]) {
        const event = await client.api(`${base}/events`).post(visit());
        assert.deepEqual(event.start, { dateTime: '2026-12-01T08:00:00.0000000', timeZone: 'UTC' });
        assert.equal(event.onlineMeetingUrl, null);
        const [meeting] = await meetingsOf(event.onlineMeeting.joinUrl);
        assert.equal(meeting.subject, event.subject);
        assert.notEqual(meeting.id, event.id);
      }
      const transactionId = randomUUID();
      const [first, again] = [await create({ transactionId }), await create({ transactionId })];
      assert.equal(again.id, first.id);
      worked('calendar.events.create', CLIENT);
      await refuses('calendar.events.create', create({ end: at('2026-11-01T09:00:00') }), 400, 'InvalidArgument');
      await refuses('calendar.events.create', reader.api('/me/events').post(visit()), 403, 'ErrorAccessDenied');
    });

    test('an event is read by its owner in the zone that was asked for, and by nobody else', async () => {
      const event = await create();
      const read = await member.api(`/me/events/${event.id}`).header('Prefer', 'outlook.timezone="Pacific Standard Time"').get();
      assert.deepEqual(read.start, { dateTime: '2026-12-01T00:00:00.0000000', timeZone: 'Pacific Standard Time' });
      assert.equal(read['@odata.etag'], event['@odata.etag']);
      worked('calendar.events.get', CLIENT);
      await refuses('calendar.events.get', stranger.api(`/me/events/${event.id}`).get(), 404, 'ErrorItemNotFound');
      await refuses('calendar.events.get', stranger.api(`${own}/events/${event.id}`).get(), 403, 'ErrorAccessDenied');
    });

    test('a change reaches the meeting, unless the event has changed meanwhile', async () => {
      const event = await create();
      const path = `${own}/events/${event.id}`;
      const changed = await graph.api(path).header('If-Match', event['@odata.etag']).patch({ subject: 'Hip', start: at('2026-12-02T09:00:00'), end: at('2026-12-02T10:00:00') });
      assert.equal(changed.onlineMeeting.joinUrl, event.onlineMeeting.joinUrl);
      const [meeting] = await meetingsOf(event.onlineMeeting.joinUrl);
      assert.deepEqual([meeting.subject, meeting.startDateTime], ['Hip', '2026-12-02T08:00:00Z']);
      worked('calendar.events.update', CLIENT);
      await refuses('calendar.events.update', graph.api(path).header('If-Match', event['@odata.etag']).patch({ subject: 'x' }), 412, 'ErrorIrresolvableConflict');
      await refuses('calendar.events.update', graph.api(path).patch({ recurrence: { pattern: { type: 'hourly' }, range: {} } }), 400, 'InvalidArgument');
    });

    test('a change of the meeting reaches its event, which can lose it and go online again', async () => {
  const event = await create();
  const path = `${own}/events/${event.id}`;
  const [meeting] = await meetingsOf(event.onlineMeeting.joinUrl);
  const invited = [{ upn: 'maria@example.org', role: 'attendee' }, { upn: 'expert@example.org', role: 'attendee' }];
  await graph.api(`${own}/onlineMeetings/${meeting.id}`).patch({
    subject: 'Hip', startDateTime: '2026-12-03T10:00:00Z', endDateTime: '2026-12-03T11:00:00Z', participants: { attendees: invited },
  });
  const followed = await graph.api(path).get();
  assert.deepEqual([followed.subject, followed.start.dateTime, followed.end.dateTime], ['Hip', '2026-12-03T10:00:00.0000000', '2026-12-03T11:00:00.0000000']);
  assert.deepEqual(followed.attendees.map(({ emailAddress }) => emailAddress), [
    { name: 'Maria Lopez', address: 'maria@example.org' }, { name: 'expert@example.org', address: 'expert@example.org' },
  ]);
  await graph.api(`${own}/onlineMeetings/${meeting.id}`).delete();
  const alone = await graph.api(path).get();
  assert.deepEqual([alone.isOnlineMeeting, alone.onlineMeeting, alone.onlineMeetingProvider], [false, null, 'unknown']);
  const again = await graph.api(path).patch({ isOnlineMeeting: true, onlineMeetingProvider: 'teamsForBusiness' });
  assert.notEqual(again.onlineMeeting.joinUrl, event.onlineMeeting.joinUrl);
  const [another] = await meetingsOf(again.onlineMeeting.joinUrl);
  assert.deepEqual([another.subject, another.meetingType], ['Hip', 'scheduled']);
  const beyond = { startDateTime: '2026-12-03T10:00:00Z', endDateTime: '2046-12-03T11:00:00Z' };
  await assert.rejects(graph.api(`${own}/onlineMeetings/${another.id}`).patch(beyond), { statusCode: 400, code: 'InvalidArgument' });
});

test('deleting and cancelling end the meeting, too', async () => {
      for (const [operation, end] of [
        ['calendar.events.delete', (path) => graph.api(path).delete()],
        ['calendar.events.cancel', (path) => graph.api(`${path}/cancel`).post({ comment: 'Ill' })],
        ['calendar.events.permanentDelete', (path) => graph.api(`${path}/permanentDelete`).post({})],
      ]) {
        const event = await create();
        const path = `${own}/events/${event.id}`;
        await end(path);
        assert.deepEqual(await meetingsOf(event.onlineMeeting.joinUrl), [], operation);
        worked(operation, CLIENT);
        await refuses(operation, end(path), 404, 'ErrorItemNotFound');
      }
    });

    test('lists are filtered, ordered, counted and paged', async () => {
      const subject = randomUUID();
      for (const day of [3, 1, 2]) await create({ subject, start: at(`2026-12-0${day}T09:00:00`), end: at(`2026-12-0${day}T10:00:00`), isOnlineMeeting: false });
      const mine = `subject eq '${subject}'`;
      const list = await graph.api(`${own}/events`).filter(mine).orderby('start/dateTime desc').select('id,subject,start').count(true).get();
      assert.deepEqual(list.value.map(({ start }) => start.dateTime.slice(0, 10)), ['2026-12-03', '2026-12-02', '2026-12-01']);
      assert.equal(list['@odata.count'], 3);
      assert.equal(list.value[0].body, undefined);
      const first = await graph.api(`${own}/events`).filter(mine).top(2).get();
      const { items } = await seat.pages(graph, first);
      assert.deepEqual(items.map((item) => item.subject), [subject, subject, subject]);
      worked('calendar.events.list', CLIENT);
      await refuses('calendar.events.list', graph.api(`${own}/events`).filter("attendees eq 'x'").get(), 400, 'InvalidArgument');
      const count = await graph.api(`${own}/events/$count`).filter(`${mine} and start/dateTime ge '2026-12-02T08:00:00Z'`).get();
      assert.equal(Number(count), 2);
      worked('calendar.events.count', CLIENT);
      await refuses('calendar.events.count', stranger.api(`${own}/events/$count`).get(), 403, 'ErrorAccessDenied');
    });

    test('a series is one event with occurrences, of which one can be cancelled', async () => {
      const made = await series({ type: 'weekly', interval: 1, daysOfWeek: ['tuesday'] }, { type: 'numbered', numberOfOccurrences: 4 }, '2026-10-20');
      assert.equal(made.type, 'seriesMaster');
      const bounds = { startDateTime: '2026-10-01T00:00:00Z', endDateTime: '2027-01-01T00:00:00Z' };
      const instances = async () => (await graph.api(`${own}/events/${made.id}/instances`).query(bounds).get()).value;
      const all = await instances();
      assert.deepEqual(all.map(({ start }) => start.dateTime), ['20T07', '27T08'].map((time) => `2026-10-${time}:00:00.0000000`).concat(['03T08', '10T08'].map((time) => `2026-11-${time}:00:00.0000000`)));
      await graph.api(`${own}/events/${all[1].id}/cancel`).post({ comment: 'Holiday' });
      assert.deepEqual((await instances()).map(({ id }) => id), [all[0].id, all[2].id, all[3].id]);
      worked('calendar.events.instances', CLIENT);
      const single = await create();
      await refuses('calendar.events.instances', graph.api(`${own}/events/${single.id}/instances`).query(bounds).get(), 400, 'InvalidArgument');
      const view = async () => (await graph.api(`${own}/calendarView`).query(bounds).top(900).get()).value;
      assert.deepEqual((await view()).filter(({ seriesMasterId }) => seriesMasterId === made.id).map(({ id }) => id), [all[0].id, all[2].id, all[3].id]);
      worked('calendar.view', CLIENT);
      await refuses('calendar.view', graph.api(`${own}/calendarView`).get(), 400, 'InvalidArgument');
    });

    test('one occurrence is changed, here and in the invitation, until the series has another pattern', async () => {
  const made = await series({ type: 'weekly', interval: 1, daysOfWeek: ['tuesday'] }, { type: 'numbered', numberOfOccurrences: 4 }, '2026-10-20');
  assert.equal((await meetingsOf(made.onlineMeeting.joinUrl))[0].meetingType, 'recurring');
  const path = `${own}/events/${made.id}`;
  const bounds = { startDateTime: '2026-10-01T00:00:00Z', endDateTime: '2027-01-01T00:00:00Z' };
  const instances = async () => (await graph.api(`${path}/instances`).query(bounds).get()).value;
  const one = (await instances())[1];
  const body = { contentType: 'text', content: 'Bring slides' };
  // As clients do it: what was read, with some of it changed.
  const changed = await graph.api(`${own}/events/${one.id}`).patch({
    ...one, subject: 'Long round', start: at('2026-10-28T14:00:00', 'Asia/Tokyo'), end: at('2026-10-28T16:00:00', 'Asia/Tokyo'), location: { displayName: 'Hall' }, body,
  });
  assert.deepEqual([changed.id, changed.type, changed.seriesMasterId, changed.originalStart], [one.id, 'exception', made.id, '2026-10-27T08:00:00Z']);
  const shown = (list) => list.map(({ type, subject, start }) => [type, subject, start.dateTime.slice(5, 13)]);
  const expected = [
    ['occurrence', 'Knee check-up', '10-20T07'], ['exception', 'Long round', '10-28T05'], ['occurrence', 'Knee check-up', '11-03T08'], ['occurrence', 'Knee check-up', '11-10T08'],
  ];
  assert.deepEqual(shown(await instances()), expected);
  const view = (await graph.api(`${own}/calendarView`).query(bounds).top(900).get()).value;
  assert.deepEqual(shown(view.filter(({ seriesMasterId }) => seriesMasterId === made.id)), expected);
  worked('calendar.events.update', CLIENT);
  await refuses('calendar.events.update', graph.api(`${own}/events/${one.id}`).patch({ attendees: [] }), 400, 'InvalidArgument');
  // Another program finds the same: the rule from the series, the change from an event of its own.
  const { event: read } = await invitation(made);
  const iterator = read.iterator();
  const there = [];
  for (let next = iterator.next(); next; next = iterator.next()) {
    const { item, startDate, endDate } = read.getOccurrenceDetails(next);
    there.push([item.summary, item.location, startDate.toJSDate().toISOString().slice(5, 13), (endDate.toJSDate() - startDate.toJSDate()) / 60_000]);
  }
  assert.deepEqual(there, [
    ['Knee check-up', null, '10-20T07', 30], ['Long round', 'Hall', '10-28T05', 120], ['Knee check-up', null, '11-03T08', 30], ['Knee check-up', null, '11-10T08', 30],
  ]);
  const alone = await invitation(one);
  assert.ok(alone.event.isRecurrenceException() && alone.event.description.startsWith('Bring slides'));
  assert.equal(alone.event.recurrenceId.toJSDate().toISOString(), '2026-10-27T08:00:00.000Z');
  const pattern = { type: 'weekly', interval: 1, daysOfWeek: ['tuesday', 'friday'] };
  await graph.api(path).patch({ recurrence: { pattern, range: { type: 'numbered', startDate: '2026-10-20', numberOfOccurrences: 4 } } });
  assert.deepEqual((await instances()).map(({ type }) => type), Array(4).fill('occurrence'));
});

test('a member has one calendar under every address', async () => {
      const calendar = await member.api('/me/calendar').get();
      assert.deepEqual([calendar.allowedOnlineMeetingProviders, calendar.defaultOnlineMeetingProvider], [['teamsForBusiness'], 'teamsForBusiness']);
      assert.equal((await member.api(`/me/calendars/${calendar.id}`).get()).id, calendar.id);
      worked('calendar.get', CLIENT);
      await refuses('calendar.get', member.api('/me/calendars/another').get(), 404, 'ErrorItemNotFound');
      assert.deepEqual((await member.api('/me/calendars').get()).value.map(({ id }) => id), [calendar.id]);
      worked('calendar.list', CLIENT);
      await refuses('calendar.list', stranger.api(`${own}/calendars`).get(), 403, 'ErrorAccessDenied');
      for (const path of [`/me/calendars/${calendar.id}/events`, '/me/calendar/events']) {
        const event = await member.api(path).post(visit());
        assert.equal((await member.api(`/me/events/${event.id}/calendar`).get()).id, calendar.id);
      }
      worked('calendar.events.createIn', CLIENT);
      worked('calendar.events.calendar', CLIENT);
      await refuses('calendar.events.createIn', member.api('/me/calendars/another/events').post(visit()), 404, 'ErrorItemNotFound');
      await refuses('calendar.events.calendar', member.api('/me/events/nothing/calendar').get(), 404, 'ErrorItemNotFound');
    });

    test('what this server does not do is refused, not swallowed', async () => {
      const { id } = await create();
      const event = `${own}/events/${id}`;
      await refuses('calendar.write', graph.api(`${own}/calendars`).post({ name: 'Another' }), 405, 'Request_BadRequest');
      await refuses('calendar.sharing', graph.api(`${own}/calendar/getSchedule`).post({ schedules: [] }), 404, 'ResourceNotFound');
      for (const answer of ['accept', 'tentativelyAccept', 'decline']) {
        await refuses('calendar.events.answer', graph.api(`${event}/${answer}`).post({ comment: 'yes' }), 400, 'BadRequest');
      }
      await refuses('calendar.events.forward', graph.api(`${event}/forward`).post({ toRecipients: [] }), 404, 'ResourceNotFound');
      await refuses('calendar.events.reminders', graph.api(`${event}/dismissReminder`).post({}), 404, 'ResourceNotFound');
      await refuses('calendar.events.attachments', graph.api(`${event}/attachments`).get(), 404, 'ResourceNotFound');
      await refuses('calendar.events.attachments', create({ attachments: [{ name: 'x' }] }), 400, 'InvalidArgument');
      await refuses('calendar.events.delta', graph.api(`${own}/events/delta`).get(), 404, 'ErrorItemNotFound');
    });

    /** The text of an invitation as another program reads it. */
    async function invitation(event) {
      const stream = await graph.api(`${own}/events/${event.id}/iCalendar`).get();
      const text = typeof stream === 'string' ? stream : await new Response(stream).text();
      const calendar = new ICAL.Component(ICAL.parse(text));
      const component = calendar.getFirstSubcomponent('vevent');
      for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
      return { method: calendar.getFirstPropertyValue('method'), event: new ICAL.Event(component), component };
    }

    test('an invitation reads the same elsewhere, and is withdrawn when the event is cancelled', async () => {
      const event = await create({ subject: 'Knee; left, "right"\\ ' + 'ü'.repeat(80), location: { displayName: 'Room 4' } });
      const { method, event: read, component } = await invitation(event);
      assert.deepEqual([method, read.summary, read.location, read.uid], ['REQUEST', event.subject, 'Room 4', event.iCalUId]);
      assert.equal(read.startDate.toJSDate().toISOString(), '2026-12-01T08:00:00.000Z');
      assert.equal(read.duration.toSeconds(), 3600);
      assert.equal(component.getFirstPropertyValue('url'), event.onlineMeeting.joinUrl);
      assert.ok(read.description.includes(event.onlineMeeting.joinUrl));
      assert.equal(read.organizer, `mailto:${organizer.userPrincipalName}`);
      assert.deepEqual(read.attendees.map((attendee) => [attendee.getFirstValue(), attendee.getParameter('cn')]), [['mailto:maria@example.org', 'Maria Lopez']]);
      await graph.api(`${own}/events/${event.id}/cancel`).post({ comment: 'Doctor, ill' });
      const gone = await invitation(event);
      assert.deepEqual([gone.method, gone.component.getFirstPropertyValue('status'), gone.component.getFirstPropertyValue('comment')], ['CANCEL', 'CANCELLED', 'Doctor, ill']);
      assert.ok(gone.event.sequence > read.sequence);
      worked('calendar.events.invitation', CLIENT);
      await refuses('calendar.events.invitation', graph.api(`${own}/events/nothing/iCalendar`).get(), 404, 'ErrorItemNotFound');
    });

    // What is compared is the server's; one seat is enough for its many requests.
    if (place !== 'in Node') return;
    test('a series has the same occurrences in an invitation as here, across changes of the clock', async () => {
      const noEnd = { type: 'noEnd' };
      const cases = [
        [{ type: 'daily', interval: 3 }, { type: 'endDate', endDate: '2027-04-30' }, '2026-10-20'],
        [{ type: 'weekly', interval: 2, daysOfWeek: ['sunday', 'tuesday'], firstDayOfWeek: 'monday' }, noEnd, '2026-10-20'],
        [{ type: 'weekly', interval: 2, daysOfWeek: ['sunday', 'tuesday'], firstDayOfWeek: 'sunday' }, { type: 'numbered', numberOfOccurrences: 30 }, '2026-10-20'],
        [{ type: 'absoluteMonthly', interval: 1, dayOfMonth: 31 }, noEnd, '2026-10-31'],
        [{ type: 'relativeMonthly', interval: 1, daysOfWeek: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'], index: 'last' }, noEnd, '2026-10-30'],
        [{ type: 'relativeMonthly', interval: 2, daysOfWeek: ['tuesday'], index: 'second' }, noEnd, '2026-10-13'],
        [{ type: 'absoluteYearly', interval: 1, month: 2, dayOfMonth: 29 }, noEnd, '2028-02-29'],
        [{ type: 'relativeYearly', interval: 1, month: 11, daysOfWeek: ['thursday'], index: 'fourth' }, noEnd, '2026-11-26'],
      ];
      for (const zone of ['W. Europe Standard Time', 'Pacific Standard Time', 'Asia/Kolkata']) {
        for (const [pattern, range, day] of cases) {
          const made = await series(pattern, range, day, { start: at(`${day}T09:00:00`, zone), end: at(`${day}T09:30:00`, zone), isOnlineMeeting: false });
          const until = new Date(Date.UTC(Number(day.slice(0, 4)) + 4, 11, 1));
          const bounds = { startDateTime: `${day}T00:00:00Z`, endDateTime: until.toISOString() };
          const here = (await graph.api(`${own}/events/${made.id}/instances`).query(bounds).top(100).select('start').get()).value.map(({ start }) => Date.parse(`${start.dateTime}Z`));
          const iterator = (await invitation(made)).event.iterator();
          const there = [];
          for (let next = iterator.next(); next && there.length < here.length; next = iterator.next()) there.push(next.toJSDate().getTime());
          assert.ok(here.length > 3, `${pattern.type} in ${zone}: ${here.length}`);
          const readable = (times) => times.map((time) => new Date(time).toISOString());
          assert.deepEqual(readable(there), readable(here), `${pattern.type} in ${zone}`);
          await graph.api(`${own}/events/${made.id}`).delete();
        }
      }
    });
  });
}
