"""azure-communication-rooms, synchronous: every method as it succeeds and as it typically fails."""

import base64
import datetime
import uuid

import pytest
from azure.communication.rooms import ParticipantRole, RoomParticipant, RoomsClient
from azure.communication.identity import CommunicationUserIdentifier
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential

from coverage_record import refused, worked

CLIENT = "py-rooms"
NOWHERE = "99199690362660524"
DAY = datetime.timedelta(days=1)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


@pytest.fixture(scope="module")
def rooms(house):
    return RoomsClient.from_connection_string(house["connectionString"], connection_verify=house["caCertificate"])


def time(text):
    """This client hands times through as the text that it got."""
    return datetime.datetime.fromisoformat(text)


def guest(house):
    return CommunicationUserIdentifier(f"8:acs:{house['resourceId']}_{uuid.uuid4()}")


def people(rooms, room):
    return {person.communication_identifier.raw_id: str(person.role) for person in rooms.list_participants(room.id)}


def test_a_room_without_options_is_open_from_now_for_180_days(rooms):
    room = rooms.create_room()
    assert room.id.isdigit() and 16 <= len(room.id) <= 18
    assert time(room.valid_until) - time(room.valid_from) == 180 * DAY
    assert room.pstn_dial_out_enabled is False
    same = rooms.get_room(room.id)
    assert (same.id, same.created_at, same.valid_until) == (room.id, room.created_at, room.valid_until)
    worked("rooms.create", CLIENT)
    worked("rooms.get", CLIENT)


def test_a_room_keeps_its_times_and_the_roles_of_its_people(rooms, house):
    one, other = guest(house), guest(house)
    valid_from = now() + DAY
    room = rooms.create_room(
        valid_from=valid_from,
        valid_until=valid_from + DAY,
        pstn_dial_out_enabled=True,
        participants=[
            RoomParticipant(communication_identifier=one, role=ParticipantRole.PRESENTER),
            RoomParticipant(communication_identifier=other, role=ParticipantRole.COLLABORATOR),
        ],
    )
    assert (time(room.valid_from), time(room.valid_until), room.pstn_dial_out_enabled) == (valid_from, valid_from + DAY, True)
    assert people(rooms, room) == {one.raw_id: "Presenter", other.raw_id: "Collaborator"}
    worked("rooms.listParticipants", CLIENT)
    with pytest.raises(HttpResponseError) as refusal:
        rooms.create_room(valid_until=now() - DAY)
    assert refusal.value.status_code == 400
    assert refusal.value.error.code == "BadRequest"
    assert refusal.value.error.details[0].target == "ValidUntil"
    refused("rooms.create", CLIENT)


def test_what_a_change_does_not_name_stays(rooms):
    room = rooms.create_room()
    until = now() + 2 * DAY
    changed = rooms.update_room(room_id=room.id, valid_until=until)
    assert (changed.valid_from, time(changed.valid_until)) == (room.valid_from, until)
    dialled = rooms.update_room(room_id=room.id, pstn_dial_out_enabled=True)
    assert (time(dialled.valid_until), dialled.pstn_dial_out_enabled) == (until, True)
    worked("rooms.update", CLIENT)
    with pytest.raises(HttpResponseError) as refusal:
        rooms.update_room(room_id=room.id, valid_until=now() + 200 * DAY)
    assert refusal.value.status_code == 400
    with pytest.raises(ResourceNotFoundError):
        rooms.update_room(room_id=NOWHERE, pstn_dial_out_enabled=True)
    refused("rooms.update", CLIENT)


def test_people_are_added_get_other_roles_and_are_removed(rooms, house):
    room = rooms.create_room()
    one, other, never = guest(house), guest(house), guest(house)
    rooms.add_or_update_participants(
        room_id=room.id,
        participants=[RoomParticipant(communication_identifier=one, role=ParticipantRole.PRESENTER), RoomParticipant(communication_identifier=other)],
    )
    rooms.add_or_update_participants(
        room_id=room.id, participants=[RoomParticipant(communication_identifier=one, role=ParticipantRole.CONSUMER)]
    )
    assert people(rooms, room) == {one.raw_id: "Consumer", other.raw_id: "Attendee"}
    worked("rooms.addOrUpdateParticipants", CLIENT)
    rooms.remove_participants(room_id=room.id, participants=[one, never])
    assert people(rooms, room) == {other.raw_id: "Attendee"}
    worked("rooms.removeParticipants", CLIENT)

    stranger = CommunicationUserIdentifier("8:acs:nobody")
    for wrong in (RoomParticipant(communication_identifier=stranger), RoomParticipant(communication_identifier=one, role="Boss")):
        with pytest.raises(HttpResponseError) as refusal:
            rooms.add_or_update_participants(room_id=room.id, participants=[wrong])
        assert (refusal.value.status_code, refusal.value.error.code) == (400, "BadRequest")
    refused("rooms.addOrUpdateParticipants", CLIENT)
    with pytest.raises(ResourceNotFoundError):
        rooms.remove_participants(room_id=NOWHERE, participants=[one])
    refused("rooms.removeParticipants", CLIENT)
    with pytest.raises(ResourceNotFoundError):
        list(rooms.list_participants(NOWHERE))
    refused("rooms.listParticipants", CLIENT)
    assert people(rooms, room) == {other.raw_id: "Attendee"}


def test_a_deleted_room_is_gone(rooms):
    room = rooms.create_room()
    rooms.delete_room(room.id)
    worked("rooms.delete", CLIENT)
    with pytest.raises(ResourceNotFoundError) as refusal:
        rooms.get_room(room.id)
    assert refusal.value.error.code == "NotFound"
    refused("rooms.get", CLIENT)
    with pytest.raises(ResourceNotFoundError):
        rooms.delete_room(room.id)
    refused("rooms.delete", CLIENT)


@pytest.mark.parametrize("slash", ["", "/"], ids=["an endpoint", "an endpoint with a slash at its end"])
def test_lists_of_two_pages_are_whole(rooms, house, slash):
    key = house["connectionString"].split(";accesskey=")[1]
    client = RoomsClient(house["origin"] + slash, AzureKeyCredential(key), connection_verify=house["caCertificate"])
    made = {client.create_room().id for _ in range(101)}
    listed = [room.id for room in client.list_rooms()]
    assert len(listed) == len(set(listed))
    assert made <= set(listed)
    worked("rooms.list", CLIENT)

    room = client.create_room()
    many = [guest(house) for _ in range(201)]
    client.add_or_update_participants(room_id=room.id, participants=[RoomParticipant(communication_identifier=one) for one in many])
    pages = [list(page) for page in client.list_participants(room.id).by_page()]
    assert [len(page) for page in pages] == [200, 1]
    assert {person.communication_identifier.raw_id for page in pages for person in page} == {one.raw_id for one in many}


def test_a_wrong_key_is_refused_and_plain_http_with_the_right_one_is_not(house):
    wrong = RoomsClient(house["httpOrigin"], AzureKeyCredential(base64.b64encode(b"another key").decode()))
    with pytest.raises(ClientAuthenticationError):
        list(wrong.list_rooms())
    refused("rooms.list", CLIENT)
    key = house["connectionString"].split(";accesskey=")[1]
    assert RoomsClient(house["httpOrigin"], AzureKeyCredential(key)).create_room().id


def test_an_application_signs_in_with_azure_identity_instead_of_using_the_key(house):
    credential = ClientSecretCredential(
        house["tenantId"],
        house["application"]["clientId"],
        house["application"]["clientSecret"],
        authority=house["origin"],
        disable_instance_discovery=True,
        connection_verify=house["caCertificate"],
    )
    rooms = RoomsClient(house["origin"], credential, connection_verify=house["caCertificate"])
    room = rooms.create_room()
    assert rooms.get_room(room.id).id == room.id
