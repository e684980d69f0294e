"""msgraph-sdk (asynchronous, as it only is): every operation on meetings and members, as it succeeds and as it typically fails."""

import asyncio
import datetime
import os
import pathlib
import subprocess
import time
import uuid

import pytest
import requests
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.communications.online_meetings.online_meetings_request_builder import (
    OnlineMeetingsRequestBuilder as TeleconferenceRequestBuilder,
)
from msgraph.generated.models.attendance_record import AttendanceRecord
from msgraph.generated.models.communications_guest_identity import CommunicationsGuestIdentity
from msgraph.generated.models.identity_set import IdentitySet
from msgraph.generated.models.lobby_bypass_scope import LobbyBypassScope
from msgraph.generated.models.lobby_bypass_settings import LobbyBypassSettings
from msgraph.generated.models.meeting_attendance_report import MeetingAttendanceReport
from msgraph.generated.models.meeting_participant_info import MeetingParticipantInfo
from msgraph.generated.models.meeting_participants import MeetingParticipants
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.online_meeting import OnlineMeeting
from msgraph.generated.models.online_meeting_presenters import OnlineMeetingPresenters
from msgraph.generated.models.online_meeting_role import OnlineMeetingRole
from msgraph.generated.models.watermark_protection_values import WatermarkProtectionValues
from msgraph.generated.users.item.online_meetings.create_or_get.create_or_get_post_request_body import CreateOrGetPostRequestBody
from msgraph.generated.users.item.online_meetings.item.attendance_reports.item.meeting_attendance_report_item_request_builder import (
    MeetingAttendanceReportItemRequestBuilder,
)
from msgraph.generated.users.item.online_meetings.item.send_virtual_appointment_sms.send_virtual_appointment_sms_post_request_body import (
    SendVirtualAppointmentSmsPostRequestBody,
)
from msgraph.generated.users.item.online_meetings.online_meetings_request_builder import OnlineMeetingsRequestBuilder
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph_core import PageIterator
from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem

from coverage_record import refused, worked
from graph_client import Held, graph_of, graph_of_application
from member import signed_in

# The client warns about names of its own that its own methods still use.
pytestmark = pytest.mark.filterwarnings("ignore:This class is deprecated:DeprecationWarning")

CLIENT = "py-graph"
ARTIFACTS = ["OnlineMeetingArtifact.Read.All", "OnlineMeetingRecording.Read.All", "OnlineMeetingTranscript.Read.All"]
SCOPES = ["User.Read", "OnlineMeetings.ReadWrite", "VirtualAppointment.Read", *ARTIFACTS]
START = datetime.datetime(2026, 12, 1, 9, tzinfo=datetime.timezone.utc)
HOUR = datetime.timedelta(hours=1)
ROOT = pathlib.Path(__file__).resolve().parents[3]
REPORT_WITHIN_SECONDS = 20


def run(journey):
    return asyncio.run(journey())


async def refuses(operation, call, status, code):
    with pytest.raises(ODataError) as failure:
        await call
    assert failure.value.response_status_code == status, failure.value
    assert failure.value.error.code == code
    assert failure.value.error.message
    refused(operation, CLIENT)


@pytest.fixture(scope="module")
def tokens(house):
    """Access tokens of the organizer and of a colleague."""
    return [signed_in(house, account, SCOPES)[1] for account in house["members"][:2]]


def application(house):
    return graph_of_application(house)


def meetings_of(house, graph, index=0):
    return graph.users.by_user_id(house["members"][index]["id"]).online_meetings


def a_meeting(**more):
    return OnlineMeeting(subject="Knee check-up", start_date_time=START, end_date_time=START + HOUR, **more)


def filtered(expression):
    options = OnlineMeetingsRequestBuilder.OnlineMeetingsRequestBuilderGetQueryParameters(filter=expression)
    return RequestConfiguration(query_parameters=options)


def test_a_meeting_is_scheduled_read_changed_and_deleted(house):
    async def journey():
        meetings = meetings_of(house, application(house))
        colleague = house["members"][1]
        made = await meetings.post(
            a_meeting(
                allowed_presenters=OnlineMeetingPresenters.RoleIsPresenter,
                lobby_bypass_settings=LobbyBypassSettings(scope=LobbyBypassScope.Invited, is_dial_in_bypass_enabled=True),
                watermark_protection=WatermarkProtectionValues(is_enabled_for_video=True),
                participants=MeetingParticipants(
                    attendees=[
                        MeetingParticipantInfo(upn=colleague["userPrincipalName"], role=OnlineMeetingRole.Presenter, identity=IdentitySet())
                    ]
                ),
            )
        )
        assert made.watermark_protection.is_enabled_for_video is True
        assert made.participants.attendees[0].identity.user.id == colleague["id"]
        assert made.start_date_time == START
        worked("graph.meetings.create", CLIENT)
        wrong = a_meeting(is_end_to_end_encryption_enabled=True)
        await refuses("graph.meetings.create", meetings.post(wrong), 400, "InvalidArgument")

        one = meetings.by_online_meeting_id(made.id)
        assert (await one.get()).join_web_url == made.join_web_url
        worked("graph.meetings.get", CLIENT)
        await refuses("graph.meetings.get", meetings.by_online_meeting_id("nonsense").get(), 404, "NotFound")
        older = f"{house['members'][0]['id']}_{made.chat_info.thread_id}"
        assert (await meetings.by_online_meeting_id(older).get()).id == made.id

        changed = await one.patch(OnlineMeeting(subject="Hip check-up", lobby_bypass_settings=LobbyBypassSettings(scope=LobbyBypassScope.Everyone)))
        assert changed.subject == "Hip check-up"
        assert changed.lobby_bypass_settings.scope == LobbyBypassScope.Everyone
        assert changed.lobby_bypass_settings.is_dial_in_bypass_enabled is True
        worked("graph.meetings.update", CLIENT)
        await refuses("graph.meetings.update", one.patch(OnlineMeeting(start_date_time=START)), 400, "InvalidArgument")

        await one.delete()
        worked("graph.meetings.delete", CLIENT)
        await refuses("graph.meetings.delete", one.delete(), 404, "NotFound")

    run(journey)


def test_create_or_get_gives_one_meeting_for_one_external_id(house):
    async def journey():
        action = meetings_of(house, application(house)).create_or_get
        body = CreateOrGetPostRequestBody(external_id=str(uuid.uuid4()), start_date_time=START)
        first, again = await action.post(body), await action.post(body)
        assert first.id == again.id
        assert first.end_date_time == START + HOUR
        worked("graph.meetings.createOrGet", CLIENT)
        end_only = CreateOrGetPostRequestBody(external_id=str(uuid.uuid4()), end_date_time=START)
        await refuses("graph.meetings.createOrGet", action.post(end_only), 400, "InvalidArgument")

    run(journey)


def test_a_meeting_is_found_by_link_and_meeting_id(house, tokens):
    async def journey():
        graph = application(house)
        meetings = meetings_of(house, graph)
        made = await meetings.post(a_meeting())
        stranger = meetings_of(house, graph_of(house, Held(tokens[1])))
        for operation, expression in [
            ("graph.meetings.findByJoinUrl", f"JoinWebUrl eq '{made.join_web_url}'"),
            (
                "graph.meetings.findByMeetingId",
                f"joinMeetingIdSettings/joinMeetingId eq '{made.join_meeting_id_settings.join_meeting_id}'",
            ),
        ]:
            found = await meetings.get(filtered(expression))
            assert [meeting.id for meeting in found.value] == [made.id], expression
            worked(operation, CLIENT)
            await refuses(operation, stranger.get(filtered(expression)), 403, "Forbidden")
        options = TeleconferenceRequestBuilder.OnlineMeetingsRequestBuilderGetQueryParameters(filter="VideoTeleconferenceId eq '123456789'")
        wanted = RequestConfiguration(query_parameters=options)
        assert (await graph.communications.online_meetings.get(wanted)).value == []
        worked("graph.meetings.findByTeleconferenceId", CLIENT)
        member = graph_of(house, Held(tokens[0]))
        await refuses("graph.meetings.findByTeleconferenceId", member.communications.online_meetings.get(wanted), 403, "Forbidden")

    run(journey)


def test_the_list_is_counted_and_followed_to_its_end_by_the_iterator(house):
    async def journey():
        graph = application(house)
        meetings = meetings_of(house, graph, 2)
        made = {(await meetings.post(a_meeting())).id for _ in range(3)}
        parameters = OnlineMeetingsRequestBuilder.OnlineMeetingsRequestBuilderGetQueryParameters
        first = await meetings.get(RequestConfiguration(query_parameters=parameters(top=2, count=True, orderby=["startDateTime desc"])))
        assert len(first.value) == 2
        worked("graph.meetings.list", CLIENT)
        seen = []
        await PageIterator(first, graph.request_adapter).iterate(lambda meeting: seen.append(meeting.id) or True)
        assert len(seen) == len(set(seen)) == first.odata_count
        assert made <= set(seen)
        worked("graph.pages", CLIENT)
        assert await meetings.count.get() == len(seen)
        worked("graph.meetings.count", CLIENT)

        wrong = RequestConfiguration(query_parameters=parameters(orderby=["passcode"]))
        await refuses("graph.meetings.list", meetings.get(wrong), 400, "InvalidArgument")
        nobody = graph.users.by_user_id(str(uuid.uuid4())).online_meetings
        await refuses("graph.meetings.count", nobody.count.get(), 404, "Request_ResourceNotFound")
        broken = meetings.with_url(first.odata_next_link + "&$top=none")
        await refuses("graph.pages", broken.get(), 400, "InvalidArgument")

    run(journey)


@pytest.fixture()
def anyone_may_begin(house):
    """Lets people from outside begin a meeting, so that a bot alone holds one; as it was afterwards."""
    _, token = signed_in(house, house["members"][2], ["Settings.ReadWrite.All"])

    def change(value):
        response = requests.patch(
            house["origin"].rstrip("/") + "/api/admin/settings",
            json={"policy": {"allowAnonymousUsersToStartMeeting": value}},
            headers={"Authorization": f"Bearer {token}"},
            verify=house["caCertificate"],
            timeout=20,
        )
        assert response.status_code == 200, response.text

    change(True)
    yield
    change(False)


def attend(house, link, name):
    """Somebody is in the meeting for a moment, for real."""
    binary = os.environ.get("ANTEROOM_BINARY", str(ROOT / "target" / "debug" / "anteroom"))
    arguments = ["--link", link, "--name", name, "--seconds", "1", "--ca", house["caCertificate"], "--no-video", "--no-audio"]
    subprocess.run([binary, "bot", "join", *arguments], check=True, timeout=60)


def test_attendance_of_a_real_meeting_is_reported(house, tokens, anyone_may_begin):
    async def journey():
        meetings = meetings_of(house, application(house))
        made = await meetings.post(a_meeting(lobby_bypass_settings=LobbyBypassSettings(scope=LobbyBypassScope.Everyone)))
        attendance = meetings.by_online_meeting_id(made.id).attendance_reports
        attend(house, made.join_web_url, "Maria Schmidt")
        deadline = time.monotonic() + REPORT_WITHIN_SECONDS
        while not (reports := (await attendance.get()).value):
            assert time.monotonic() < deadline, "the report is written when the last one has gone"
            await asyncio.sleep(0.1)
        assert [report.total_participant_count for report in reports] == [1]
        worked("graph.attendance.listReports", CLIENT)
        assert await attendance.count.get() == 1
        worked("graph.attendance.countReports", CLIENT)

        report = attendance.by_meeting_attendance_report_id(reports[0].id)
        parameters = MeetingAttendanceReportItemRequestBuilder.MeetingAttendanceReportItemRequestBuilderGetQueryParameters
        expanded = await report.get(RequestConfiguration(query_parameters=parameters(expand=["attendanceRecords"])))
        [record] = expanded.attendance_records
        assert isinstance(record.identity, CommunicationsGuestIdentity)
        assert (record.identity.display_name, record.role) == ("Maria Schmidt", "Attendee")
        [stay] = record.attendance_intervals
        assert stay.join_date_time < stay.leave_date_time
        assert record.total_attendance_in_seconds == stay.duration_in_seconds
        worked("graph.attendance.getReport", CLIENT)
        assert [each.id for each in (await report.attendance_records.get()).value] == [record.id]
        worked("graph.attendance.listRecords", CLIENT)
        assert await report.attendance_records.count.get() == 1
        worked("graph.attendance.countRecords", CLIENT)
        assert (await report.attendance_records.by_attendance_record_id(record.id).get()).id == record.id
        worked("graph.attendance.getRecord", CLIENT)

        foreign = graph_of(house, Held(tokens[1])).me.online_meetings.by_online_meeting_id(made.id).attendance_reports
        await refuses("graph.attendance.listReports", foreign.get(), 403, "Forbidden")
        await refuses("graph.attendance.countReports", foreign.count.get(), 403, "Forbidden")
        nothing = attendance.by_meeting_attendance_report_id(str(uuid.uuid4()))
        await refuses("graph.attendance.getReport", nothing.get(), 404, "NotFound")
        await refuses("graph.attendance.listRecords", nothing.attendance_records.get(), 404, "NotFound")
        await refuses("graph.attendance.countRecords", nothing.attendance_records.count.get(), 404, "NotFound")
        nobody = report.attendance_records.by_attendance_record_id(str(uuid.uuid4()))
        await refuses("graph.attendance.getRecord", nobody.get(), 404, "NotFound")
        await refuses("graph.artifacts.write", attendance.post(MeetingAttendanceReport()), 405, "Request_BadRequest")
        await refuses("graph.artifacts.write", report.attendance_records.post(AttendanceRecord()), 405, "Request_BadRequest")

    run(journey)


def test_there_are_no_recordings_and_transcripts_and_only_the_organizer_is_told_so(house, tokens):
    async def journey():
        own, foreign = [graph_of(house, Held(token)).me.online_meetings for token in tokens]
        made = await own.post(a_meeting())
        for kind in ["recordings", "transcripts"]:
            mine = getattr(own.by_online_meeting_id(made.id), kind)
            theirs = getattr(foreign.by_online_meeting_id(made.id), kind)
            assert (await mine.get()).value == []
            worked(f"graph.{kind}.list", CLIENT)
            assert await mine.count.get() == 0
            worked(f"graph.{kind}.count", CLIENT)
            everything = f"get_all_{kind}meeting_organizer_user_id_meeting_organizer_user_id_with_start_date_time_with_end_date_time"
            by_application = meetings_of(house, application(house))
            assert (await getattr(by_application, everything).get()).value == []
            worked(f"graph.{kind}.listAll", CLIENT)
            await refuses(f"graph.{kind}.list", theirs.get(), 403, "Forbidden")
            await refuses(f"graph.{kind}.count", theirs.count.get(), 403, "Forbidden")
            stranger = meetings_of(house, graph_of(house, Held(tokens[1])))
            await refuses(f"graph.{kind}.listAll", getattr(stranger, everything).get(), 403, "Forbidden")
            by_id = mine.by_call_recording_id if kind == "recordings" else mine.by_call_transcript_id
            await refuses(f"graph.{kind}.get", by_id(str(uuid.uuid4())).get(), 404, "NotFound")
            await refuses(f"graph.{kind}.get", by_id(str(uuid.uuid4())).content.get(), 404, "NotFound")

    run(journey)


def test_the_link_for_a_virtual_appointment_leads_to_the_meeting(house, tokens):
    async def journey():
        own, foreign = [graph_of(house, Held(token)).me.online_meetings for token in tokens]
        made = await own.post(a_meeting())
        one = own.by_online_meeting_id(made.id)
        assert (await one.get_virtual_appointment_join_web_url.get()).value == made.join_web_url
        worked("graph.appointments.joinUrl", CLIENT)
        stranger = foreign.by_online_meeting_id(made.id).get_virtual_appointment_join_web_url
        await refuses("graph.appointments.joinUrl", stranger.get(), 403, "Forbidden")
        sms = one.send_virtual_appointment_sms.post(SendVirtualAppointmentSmsPostRequestBody())
        await refuses("graph.appointments.sms", sms, 404, "ResourceNotFound")

    run(journey)


def test_members_are_read_filtered_searched_and_counted(house, tokens):
    async def journey():
        graph, member = application(house), graph_of(house, Held(tokens[0]))
        organizer, colleague = house["members"][:2]
        assert (await member.me.get()).id == organizer["id"]
        worked("graph.users.me", CLIENT)
        await refuses("graph.users.me", graph.me.get(), 400, "BadRequest")
        assert (await graph.users.by_user_id(colleague["userPrincipalName"]).get()).id == colleague["id"]
        worked("graph.users.get", CLIENT)
        await refuses("graph.users.get", graph.users.by_user_id(str(uuid.uuid4())).get(), 404, "Request_ResourceNotFound")

        given = organizer["displayName"].split(" ")[0]
        parameters = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters

        def wanted(eventual=False, **options):
            configuration = RequestConfiguration(query_parameters=parameters(**options))
            if eventual:
                configuration.headers.add("ConsistencyLevel", "eventual")
            return configuration

        for configuration in [
            wanted(filter=f"startswith(displayName,'{given}')", select=["id"]),
            wanted(eventual=True, search=f'"displayName:{given}"', orderby=["displayName desc"], top=5),
        ]:
            assert [user.id for user in (await graph.users.get(configuration)).value] == [organizer["id"]]
        worked("graph.users.list", CLIENT)
        await refuses("graph.users.list", graph.users.get(wanted(filter="shoeSize eq 43")), 400, "InvalidArgument")
        await refuses("graph.users.list", member.users.get(), 403, "Forbidden")
        everybody = (await graph.users.get(wanted(count=True))).odata_count
        assert await graph.users.count.get(wanted_count(True)) == everybody
        worked("graph.users.count", CLIENT)
        await refuses("graph.users.count", graph.users.count.get(wanted_count(False)), 400, "InvalidArgument")

    run(journey)


def wanted_count(eventual):
    configuration = RequestConfiguration()
    if eventual:
        configuration.headers.add("ConsistencyLevel", "eventual")
    return configuration


def test_a_batch_is_answered_part_by_part(house, tokens):
    async def journey():
        member = graph_of(house, Held(tokens[0]))
        asked = [member.me.to_get_request_information(), member.users.to_get_request_information()]
        for request in asked:
            request.path_parameters["baseurl"] = member.request_adapter.base_url
        content = BatchRequestContent()
        for number, request in enumerate(asked):
            content.add_request(str(number), BatchRequestItem(request, id=str(number)))
        answers = await BatchRequestBuilder(member.request_adapter, {"XXX": ODataError}).post(content)
        assert [answers.get_response_by_id(str(number)).status for number in range(2)] == [200, 403]
        worked("graph.batch", CLIENT)
        nobody = graph_of(house, Held("nonsense"))
        await refuses(
            "graph.batch", BatchRequestBuilder(nobody.request_adapter, {"XXX": ODataError}).post(content), 401, "InvalidAuthenticationToken"
        )

    run(journey)
