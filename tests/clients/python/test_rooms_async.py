"""azure-communication-rooms, asynchronous: every method as it succeeds and as it typically fails."""

import asyncio
import datetime
import uuid

import pytest
from azure.communication.identity import CommunicationUserIdentifier
from azure.communication.rooms import ParticipantRole, RoomParticipant
from azure.communication.rooms.aio import RoomsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

from coverage_record import refused, worked

CLIENT = "py-rooms-async"
NOWHERE = "99199690362660524"


def run(house, journey, slash="", key=None):
    async def with_client():
        right = house["connectionString"].split(";accesskey=")[1]
        client = RoomsClient(house["origin"] + slash, AzureKeyCredential(key or right), connection_verify=house["caCertificate"])
        async with client:
            return await journey(client)

    return asyncio.run(with_client())


def time(text):
    """This client hands times through as the text that it got."""
    return datetime.datetime.fromisoformat(text)


def guest(house):
    return CommunicationUserIdentifier(f"8:acs:{house['resourceId']}_{uuid.uuid4()}")


async def people(rooms, room):
    return {person.communication_identifier.raw_id: str(person.role) async for person in rooms.list_participants(room.id)}


def test_the_whole_life_of_a_room(house):
    async def journey(rooms):
        one, other = guest(house), guest(house)
        room = await rooms.create_room(participants=[RoomParticipant(communication_identifier=one, role=ParticipantRole.PRESENTER)])
        worked("rooms.create", CLIENT)
        assert (await rooms.get_room(room.id)).valid_until == room.valid_until
        worked("rooms.get", CLIENT)
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)
        assert time((await rooms.update_room(room_id=room.id, valid_until=until)).valid_until) == until
        worked("rooms.update", CLIENT)
        added = [RoomParticipant(communication_identifier=other), RoomParticipant(communication_identifier=one, role="Consumer")]
        await rooms.add_or_update_participants(room_id=room.id, participants=added)
        worked("rooms.addOrUpdateParticipants", CLIENT)
        assert await people(rooms, room) == {one.raw_id: "Consumer", other.raw_id: "Attendee"}
        worked("rooms.listParticipants", CLIENT)
        await rooms.remove_participants(room_id=room.id, participants=[one])
        assert await people(rooms, room) == {other.raw_id: "Attendee"}
        worked("rooms.removeParticipants", CLIENT)
        await rooms.delete_room(room.id)
        worked("rooms.delete", CLIENT)
        with pytest.raises(ResourceNotFoundError):
            await rooms.get_room(room.id)
        refused("rooms.get", CLIENT)

    run(house, journey)


def test_typical_failures_arrive_as_the_clients_own_errors(house):
    async def journey(rooms):
        past = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
        with pytest.raises(HttpResponseError) as refusal:
            await rooms.create_room(valid_until=past)
        assert (refusal.value.status_code, refusal.value.error.code) == (400, "BadRequest")
        refused("rooms.create", CLIENT)
        for operation, call in {
            "rooms.update": lambda: rooms.update_room(room_id=NOWHERE, pstn_dial_out_enabled=True),
            "rooms.delete": lambda: rooms.delete_room(NOWHERE),
            "rooms.addOrUpdateParticipants": lambda: rooms.add_or_update_participants(
                room_id=NOWHERE, participants=[RoomParticipant(communication_identifier=guest(house))]
            ),
            "rooms.removeParticipants": lambda: rooms.remove_participants(room_id=NOWHERE, participants=[guest(house)]),
        }.items():
            with pytest.raises(ResourceNotFoundError) as refusal:
                await call()
            assert refusal.value.error.code == "NotFound"
            refused(operation, CLIENT)
        with pytest.raises(ResourceNotFoundError):
            [person async for person in rooms.list_participants(NOWHERE)]
        refused("rooms.listParticipants", CLIENT)

    run(house, journey)


@pytest.mark.parametrize("slash", ["", "/"], ids=["an endpoint", "an endpoint with a slash at its end"])
def test_lists_of_two_pages_are_whole(house, slash):
    async def journey(rooms):
        made = {room.id for room in await asyncio.gather(*(rooms.create_room() for _ in range(101)))}
        listed = [room.id async for room in rooms.list_rooms()]
        assert len(listed) == len(set(listed)) and made <= set(listed)
        worked("rooms.list", CLIENT)
        room = await rooms.create_room()
        many = [RoomParticipant(communication_identifier=guest(house)) for _ in range(201)]
        await rooms.add_or_update_participants(room_id=room.id, participants=many)
        assert len(await people(rooms, room)) == 201

    run(house, journey, slash)


def test_a_wrong_key_is_refused(house):
    async def journey(rooms):
        with pytest.raises(ClientAuthenticationError):
            [room async for room in rooms.list_rooms()]
        refused("rooms.list", CLIENT)

    run(house, journey, key="YW5vdGhlciBrZXk=")
