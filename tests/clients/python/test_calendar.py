"""msgraph-sdk (asynchronous, as it only is): every operation on calendars and events, as it succeeds and as it typically fails."""

import asyncio
import datetime
import uuid

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.attachment import Attachment
from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.attendee_type import AttendeeType
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.calendar import Calendar
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.day_of_week import DayOfWeek
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.event_type import EventType
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.online_meeting_provider_type import OnlineMeetingProviderType
from msgraph.generated.models.patterned_recurrence import PatternedRecurrence
from msgraph.generated.models.recurrence_pattern import RecurrencePattern
from msgraph.generated.models.recurrence_pattern_type import RecurrencePatternType
from msgraph.generated.models.recurrence_range import RecurrenceRange
from msgraph.generated.models.recurrence_range_type import RecurrenceRangeType
from msgraph.generated.models.response_type import ResponseType
from msgraph.generated.users.item.calendar.get_schedule.get_schedule_post_request_body import GetSchedulePostRequestBody
from msgraph.generated.users.item.calendar_view.calendar_view_request_builder import CalendarViewRequestBuilder
from msgraph.generated.users.item.events.events_request_builder import EventsRequestBuilder
from msgraph.generated.users.item.events.item.accept.accept_post_request_body import AcceptPostRequestBody
from msgraph.generated.users.item.events.item.cancel.cancel_post_request_body import CancelPostRequestBody
from msgraph.generated.users.item.events.item.decline.decline_post_request_body import DeclinePostRequestBody
from msgraph.generated.users.item.events.item.event_item_request_builder import EventItemRequestBuilder
from msgraph.generated.users.item.events.item.forward.forward_post_request_body import ForwardPostRequestBody
from msgraph.generated.users.item.events.item.instances.instances_request_builder import InstancesRequestBuilder
from msgraph.generated.users.item.events.item.tentatively_accept.tentatively_accept_post_request_body import (
    TentativelyAcceptPostRequestBody,
)
from msgraph.generated.users.item.online_meetings.online_meetings_request_builder import OnlineMeetingsRequestBuilder
from msgraph_core import PageIterator

from coverage_record import refused, worked
from graph_client import Held, graph_of, graph_of_application
from member import signed_in

# The client warns about names of its own that its own methods still use.
pytestmark = pytest.mark.filterwarnings("ignore:This class is deprecated:DeprecationWarning")

CLIENT = "py-graph"
SCOPES = ["User.Read", "Calendars.ReadWrite", "OnlineMeetings.ReadWrite"]
ZONE = "W. Europe Standard Time"


def run(journey):
    return asyncio.run(journey())


async def refuses(operation, call, status, code):
    with pytest.raises(ODataError) as failure:
        await call
    assert failure.value.response_status_code == status, failure.value
    assert failure.value.error.code == code
    assert failure.value.error.message
    refused(operation, CLIENT)


def at(time, zone=ZONE):
    return DateTimeTimeZone(date_time=time, time_zone=zone)


def visit(**more):
    values = {
        "subject": "Knee check-up",
        "start": at("2026-12-01T09:00:00"),
        "end": at("2026-12-01T10:00:00"),
        "body": ItemBody(content_type=BodyType.Html, content="<p>Bring &amp; show</p>"),
        "attendees": [Attendee(type=AttendeeType.Required, email_address=EmailAddress(address="maria@example.org", name="Maria"))],
        "is_online_meeting": True,
        "online_meeting_provider": OnlineMeetingProviderType.TeamsForBusiness,
        **more,
    }
    return Event(**values)


def weekly(**range_):
    return PatternedRecurrence(
        pattern=RecurrencePattern(type=RecurrencePatternType.Weekly, interval=1, days_of_week=[DayOfWeek.Tuesday]),
        range=RecurrenceRange(start_date=datetime.date(2026, 10, 20), **range_),
    )


def asking(builder, **query):
    """Query parameters, and headers under `headers`."""
    headers = query.pop("headers", {})
    name = f"{builder.__name__}GetQueryParameters"
    configuration = RequestConfiguration(query_parameters=getattr(builder, name)(**query))
    for header, value in headers.items():
        configuration.headers.add(header, value)
    return configuration


@pytest.fixture(name="people")
def _people(house):
    organizer, colleague, *_ = house["members"]
    return organizer, colleague


def clients(house, people):
    """The application, and organizer and colleague with their own tokens; made where the loop runs."""
    organizer, colleague = people
    own = [graph_of(house, Held(signed_in(house, person, SCOPES)[1])) for person in (organizer, colleague)]
    return graph_of_application(house).users.by_user_id(organizer["id"]), *own


async def meetings_by(user, url):
    query = asking(OnlineMeetingsRequestBuilder, filter=f"JoinWebUrl eq '{url}'")
    return (await user.online_meetings.get(query)).value


def test_an_event_is_made_read_changed_and_cancelled_with_its_meeting(house, people):
    async def journey():
        user, member, stranger = clients(house, people)
        transaction = str(uuid.uuid4())
        event = await user.events.post(visit(transaction_id=transaction))
        again = await user.events.post(visit(transaction_id=transaction))
        assert again.id == event.id
        assert (event.start.date_time, event.start.time_zone) == ("2026-12-01T08:00:00.0000000", "UTC")
        assert (event.original_start_time_zone, event.body_preview, event.type) == (ZONE, "Bring & show", EventType.SingleInstance)
        assert event.attendees[0].status.response == ResponseType.None_
        assert event.online_meeting_provider == OnlineMeetingProviderType.TeamsForBusiness
        [meeting] = await meetings_by(user, event.online_meeting.join_url)
        assert (meeting.subject, meeting.id == event.id) == ("Knee check-up", False)
        worked("calendar.events.create", CLIENT)
        await refuses("calendar.events.create", user.events.post(visit(end=at("2026-11-01T09:00:00"))), 400, "InvalidArgument")

        tokyo = asking(EventItemRequestBuilder, select=["id", "start"], headers={"Prefer": 'outlook.timezone="Asia/Tokyo"'})
        read = await member.me.events.by_event_id(event.id).get(tokyo)
        assert (read.start.date_time, read.start.time_zone, read.subject) == ("2026-12-01T17:00:00.0000000", "Asia/Tokyo", None)
        worked("calendar.events.get", CLIENT)
        await refuses("calendar.events.get", stranger.me.events.by_event_id(event.id).get(), 404, "ErrorItemNotFound")

        mine = user.events.by_event_id(event.id)
        changed = await mine.patch(Event(subject="Hip", is_online_meeting=False))
        assert (changed.subject, changed.is_online_meeting) == ("Hip", True)
        [meeting] = await meetings_by(user, event.online_meeting.join_url)
        assert meeting.subject == "Hip"
        worked("calendar.events.update", CLIENT)
        configuration = RequestConfiguration()
        configuration.headers.add("If-Match", 'W/"0000000000000001"')
        await refuses("calendar.events.update", mine.patch(Event(subject="x"), configuration), 412, "ErrorIrresolvableConflict")

        await mine.cancel.post(CancelPostRequestBody(comment="Ill"))
        assert await meetings_by(user, event.online_meeting.join_url) == []
        worked("calendar.events.cancel", CLIENT)
        await refuses("calendar.events.cancel", mine.cancel.post(CancelPostRequestBody(comment="Ill")), 404, "ErrorItemNotFound")
        another = user.events.by_event_id((await user.events.post(visit())).id)
        await another.delete()
        worked("calendar.events.delete", CLIENT)
        await refuses("calendar.events.delete", another.delete(), 404, "ErrorItemNotFound")
        another = user.events.by_event_id((await user.events.post(visit())).id)
        await another.permanent_delete.post()
        worked("calendar.events.permanentDelete", CLIENT)
        await refuses("calendar.events.permanentDelete", another.permanent_delete.post(), 404, "ErrorItemNotFound")

    run(journey)


def test_events_are_listed_counted_and_paged(house, people):
    async def journey():
        user, _, stranger = clients(house, people)
        subject = str(uuid.uuid4())
        for day in (3, 1, 2):
            times = {"start": at(f"2026-12-0{day}T09:00:00"), "end": at(f"2026-12-0{day}T10:00:00")}
            await user.events.post(visit(subject=subject, is_online_meeting=False, online_meeting_provider=None, **times))
        mine = f"subject eq '{subject}'"
        listed = await user.events.get(asking(EventsRequestBuilder, filter=mine, orderby=["start/dateTime desc"], count=True))
        assert [event.start.date_time[:10] for event in listed.value] == ["2026-12-03", "2026-12-02", "2026-12-01"]
        assert listed.odata_count == 3
        first = await user.events.get(asking(EventsRequestBuilder, filter=mine, top=2))
        seen = []
        iterator = PageIterator(first, user.request_adapter)
        await iterator.iterate(lambda event: seen.append(event.id) or True)
        assert len(set(seen)) == 3
        worked("calendar.events.list", CLIENT)
        await refuses("calendar.events.list", user.events.get(asking(EventsRequestBuilder, orderby=["body"])), 400, "InvalidArgument")
        assert await user.events.count.get() >= 3
        worked("calendar.events.count", CLIENT)
        elsewhere = stranger.users.by_user_id(people[0]["id"])
        await refuses("calendar.events.count", elsewhere.events.count.get(), 403, "ErrorAccessDenied")

    run(journey)


def test_a_series_is_shown_by_its_occurrences(house, people):
    async def journey():
        user, _, _ = clients(house, people)
        ends = {"type": RecurrenceRangeType.EndDate, "end_date": datetime.date(2026, 11, 10)}
        times = {"start": at("2026-10-20T09:00:00"), "end": at("2026-10-20T09:30:00")}
        series = await user.events.post(visit(recurrence=weekly(**ends), **times))
        assert (series.type, series.recurrence.range.end_date) == (EventType.SeriesMaster, datetime.date(2026, 11, 10))
        bounds = {"start_date_time": "2026-10-01T00:00:00Z", "end_date_time": "2027-01-01T00:00:00Z"}
        mine = user.events.by_event_id(series.id)
        instances = (await mine.instances.get(asking(InstancesRequestBuilder, **bounds))).value
        starts = [event.start.date_time[5:13] for event in instances]
        assert starts == ["10-20T07", "10-27T08", "11-03T08", "11-10T08"]
        await user.events.by_event_id(instances[1].id).cancel.post(CancelPostRequestBody(comment="Holiday"))
        moved = {"start": at("2026-11-04T09:00:00"), "end": at("2026-11-04T10:00:00")}
        changed = await user.events.by_event_id(instances[2].id).patch(Event(subject="Late", **moved))
        assert (changed.id, changed.type, changed.original_start.isoformat()) == (
            instances[2].id,
            EventType.Exception,
            "2026-11-03T08:00:00+00:00",
        )
        worked("calendar.events.instances", CLIENT)
        single = user.events.by_event_id((await user.events.post(visit())).id)
        await refuses("calendar.events.instances", single.instances.get(asking(InstancesRequestBuilder, **bounds)), 400, "InvalidArgument")
        view = (await user.calendar_view.get(asking(CalendarViewRequestBuilder, top=900, **bounds))).value
        assert [event.id for event in view if event.series_master_id == series.id] == [instances[0].id, instances[2].id, instances[3].id]
        worked("calendar.view", CLIENT)
        backwards = asking(CalendarViewRequestBuilder, start_date_time="2027-01-01T00:00:00Z", end_date_time="2026-01-01T00:00:00Z")
        await refuses("calendar.view", user.calendar_view.get(backwards), 400, "InvalidArgument")

    run(journey)


def test_a_member_has_one_calendar(house, people):
    async def journey():
        user, member, stranger = clients(house, people)
        calendar = await member.me.calendar.get()
        assert calendar.default_online_meeting_provider == OnlineMeetingProviderType.TeamsForBusiness
        assert (await user.calendars.by_calendar_id(calendar.id).get()).owner.address == people[0]["userPrincipalName"]
        worked("calendar.get", CLIENT)
        await refuses("calendar.get", user.calendars.by_calendar_id("another").get(), 404, "ErrorItemNotFound")
        assert [known.id for known in (await user.calendars.get()).value] == [calendar.id]
        worked("calendar.list", CLIENT)
        elsewhere = stranger.users.by_user_id(people[0]["id"])
        await refuses("calendar.list", elsewhere.calendars.get(), 403, "ErrorAccessDenied")
        event = await user.calendars.by_calendar_id(calendar.id).events.post(visit())
        assert (await user.calendar.events.post(visit())).id != event.id
        worked("calendar.events.createIn", CLIENT)
        await refuses("calendar.events.createIn", user.calendars.by_calendar_id("another").events.post(visit()), 404, "ErrorItemNotFound")
        assert (await user.events.by_event_id(event.id).calendar.get()).id == calendar.id
        worked("calendar.events.calendar", CLIENT)
        await refuses("calendar.events.calendar", user.events.by_event_id("nothing").calendar.get(), 404, "ErrorItemNotFound")

    run(journey)


def test_what_this_server_does_not_do_is_refused(house, people):
    async def journey():
        user, _, _ = clients(house, people)
        event = user.events.by_event_id((await user.events.post(visit())).id)
        await refuses("calendar.write", user.calendars.post(Calendar(name="Another")), 405, "Request_BadRequest")
        await refuses("calendar.sharing", user.calendar.get_schedule.post(GetSchedulePostRequestBody()), 404, "ResourceNotFound")
        for answer in (
            event.accept.post(AcceptPostRequestBody(comment="yes")),
            event.tentatively_accept.post(TentativelyAcceptPostRequestBody()),
            event.decline.post(DeclinePostRequestBody()),
        ):
            await refuses("calendar.events.answer", answer, 400, "BadRequest")
        await refuses("calendar.events.forward", event.forward.post(ForwardPostRequestBody()), 404, "ResourceNotFound")
        await refuses("calendar.events.reminders", event.dismiss_reminder.post(), 404, "ResourceNotFound")
        await refuses("calendar.events.attachments", event.attachments.post(Attachment(name="x")), 404, "ResourceNotFound")
        await refuses("calendar.events.delta", user.events.delta.get(), 404, "ErrorItemNotFound")

    run(journey)
