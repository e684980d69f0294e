"""azure-communication-chat: every method as it succeeds and as it typically fails."""

import datetime
import uuid

import pytest
from azure.communication.chat import (
    ChatClient,
    ChatMessageType,
    ChatParticipant,
    CommunicationTokenCredential,
    CommunicationUserIdentifier,
    MicrosoftTeamsUserIdentifier,
)
from azure.communication.identity import CommunicationIdentityClient
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

from coverage_record import refused, worked

CLIENT = "py-chat"
NOWHERE = "19:there-is-no-such-thread@thread.v2"


class Guest:
    """A guest with a chat client."""

    def __init__(self, house, identities, scopes):
        user, issued = identities.create_user_and_token(scopes)
        self.user = CommunicationUserIdentifier(user.properties["id"])
        self.raw_id = user.properties["id"]
        self._house = house
        self._credential = CommunicationTokenCredential(issued.token)
        self.chat = ChatClient(house["origin"], self._credential, connection_verify=house["caCertificate"])

    def thread(self, thread_id):
        # A client of a thread does not inherit how its connections are verified.
        return self.chat.get_chat_thread_client(thread_id, connection_verify=self._house["caCertificate"])


@pytest.fixture(scope="module")
def identities(house):
    return CommunicationIdentityClient.from_connection_string(house["connectionString"], connection_verify=house["caCertificate"])


@pytest.fixture
def guest(house, identities):
    return lambda *scopes: Guest(house, identities, list(scopes) or ["chat"])


@pytest.fixture
def pair(guest):
    """Maria, Ben and the id of a thread of Maria's."""
    maria, ben = guest(), guest("chat.join")
    created = maria.chat.create_chat_thread("Visit", thread_participants=[ChatParticipant(identifier=ben.user, display_name="Ben")])
    return maria, ben, created.chat_thread.id


def refusal(act, status=403, code="Forbidden", kind=HttpResponseError):
    with pytest.raises(kind) as error:
        act()
    assert error.value.status_code == status, error.value
    assert error.value.error.code == code
    assert error.value.error.message


def test_a_thread_is_made_once_for_one_idempotency_token(guest):
    maria, ben = guest(), guest("chat.join.limited")
    key = str(uuid.uuid4())
    participants = [
        ChatParticipant(identifier=ben.user, display_name="Ben"),
        ChatParticipant(identifier=CommunicationUserIdentifier("8:acs:foreign_user"), display_name="Stranger"),
    ]
    made = [maria.chat.create_chat_thread("Visit ü", thread_participants=participants, idempotency_token=key) for _ in range(2)]
    assert made[0].chat_thread.id == made[1].chat_thread.id
    assert [participant.identifier.raw_id for participant, _ in made[0].errors] == ["8:acs:foreign_user"]
    worked("chat.createThread", CLIENT)
    properties = ben.thread(made[0].chat_thread.id).get_properties()
    assert (properties.topic, properties.created_by.raw_id) == ("Visit ü", maria.raw_id)
    assert abs(datetime.datetime.now(datetime.timezone.utc) - properties.created_on) < datetime.timedelta(seconds=10)
    worked("chat.getThread", CLIENT)
    refusal(lambda: ben.chat.create_chat_thread("x"))
    refused("chat.createThread", CLIENT)


def test_threads_are_listed_in_pages(guest):
    maria = guest()
    made = [maria.chat.create_chat_thread(f"T{index}").chat_thread.id for index in range(3)]
    pages = [list(page) for page in maria.chat.list_chat_threads(results_per_page=2).by_page()]
    assert [len(page) for page in pages] == [2, 1]
    assert [item.id for page in pages for item in page] == made[::-1]
    since = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    assert list(maria.chat.list_chat_threads(start_time=since)) == []
    worked("chat.listThreads", CLIENT)
    refusal(lambda: list(guest("voip").chat.list_chat_threads()))
    refused("chat.listThreads", CLIENT)


def test_messages_are_sent_listed_edited_and_deleted(pair, guest):
    maria, ben, thread_id = pair
    of_maria, of_ben = maria.thread(thread_id), ben.thread(thread_id)
    first = of_maria.send_message("one", sender_display_name="Maria", metadata={"k": "v"}).id
    second = of_ben.send_message("<b>two</b>", chat_message_type=ChatMessageType.HTML).id
    worked("chat.sendMessage", CLIENT)
    message = of_ben.get_message(first)
    assert (message.content.message, message.type, message.sender_display_name) == ("one", "text", "Maria")
    assert (message.sender.raw_id, message.metadata, message.version) == (maria.raw_id, {"k": "v"}, first)
    worked("chat.getMessage", CLIENT)
    pages = [list(page) for page in of_ben.list_messages(results_per_page=3).by_page()]
    assert [[message.sequence_id for message in page] for page in pages] == [["4", "3", "2"], ["1"]]
    assert pages[1][0].content.participants[1].identifier.raw_id in (maria.raw_id, ben.raw_id)
    assert pages[0][0].id == second
    worked("chat.listMessages", CLIENT)

    refusal(lambda: of_ben.update_message(first, "forged"))
    refused("chat.updateMessage", CLIENT)
    of_maria.update_message(first, "after", metadata={"e": "1"})
    edited = of_ben.get_message(first)
    assert (edited.content.message, edited.metadata, edited.edited_on is not None) == ("after", {"k": "v", "e": "1"}, True)
    worked("chat.updateMessage", CLIENT)
    refusal(lambda: of_ben.delete_message(first))
    refused("chat.deleteMessage", CLIENT)
    of_maria.delete_message(first)
    assert of_ben.get_message(first).deleted_on is not None
    worked("chat.deleteMessage", CLIENT)

    refusal(lambda: of_ben.get_message("1"), 404, "NotFound", ResourceNotFoundError)
    refused("chat.getMessage", CLIENT)
    refusal(lambda: of_maria.send_message("x" * (28 * 1024 + 1)), 400, "BadRequest")
    other = guest().thread(thread_id)
    refusal(lambda: other.send_message("x"))
    refused("chat.sendMessage", CLIENT)
    refusal(lambda: list(other.list_messages()))
    refused("chat.listMessages", CLIENT)


def test_the_topic_is_changed_and_the_thread_deleted_by_whoever_may(pair):
    maria, ben, thread_id = pair
    maria.thread(thread_id).update_topic("Other")
    assert ben.thread(thread_id).get_properties().topic == "Other"
    worked("chat.updateTopic", CLIENT)
    refusal(lambda: ben.thread(thread_id).update_topic("No"))
    refused("chat.updateTopic", CLIENT)
    refusal(lambda: ben.chat.delete_chat_thread(thread_id))
    refused("chat.deleteThread", CLIENT)
    maria.chat.delete_chat_thread(thread_id)
    worked("chat.deleteThread", CLIENT)
    refusal(ben.thread(thread_id).get_properties)
    refusal(ben.thread(NOWHERE).get_properties)
    refused("chat.getThread", CLIENT)


def test_participants_come_and_go(pair, guest):
    maria, ben, thread_id = pair
    of_maria, of_ben, carla = maria.thread(thread_id), ben.thread(thread_id), guest("chat.join.limited")
    of_maria.send_message("before")
    share_history_time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(milliseconds=1)
    added = ChatParticipant(identifier=carla.user, display_name="Carla", share_history_time=share_history_time)
    stranger = ChatParticipant(identifier=CommunicationUserIdentifier("8:acs:foreign_user"))
    invalid = of_ben.add_participants([added, stranger])
    assert [participant.identifier.raw_id for participant, _ in invalid] == ["8:acs:foreign_user"]
    worked("chat.addParticipants", CLIENT)
    pages = [list(page) for page in of_maria.list_participants(results_per_page=2).by_page()]
    assert [len(page) for page in pages] == [2, 1]
    assert pages[1][0].display_name == "Carla"
    assert len(list(of_maria.list_participants(skip=2))) == 1
    worked("chat.listParticipants", CLIENT)
    of_carla = carla.thread(thread_id)
    refusal(lambda: of_carla.add_participants([added]))
    refused("chat.addParticipants", CLIENT)
    refusal(lambda: of_carla.remove_participant(ben.user))
    refused("chat.removeParticipant", CLIENT)
    of_maria.send_message("for Carla")
    of_ben.remove_participant(carla.user)
    worked("chat.removeParticipant", CLIENT)
    of_maria.send_message("without Carla")
    read = [message.content.message for message in of_carla.list_messages() if message.type == "text"]
    assert read == ["for Carla"]
    refusal(lambda: list(of_carla.list_participants()))
    refused("chat.listParticipants", CLIENT)


def test_typing_and_receipts(pair, guest):
    maria, ben, thread_id = pair
    of_maria, of_ben, other = maria.thread(thread_id), ben.thread(thread_id), guest().thread(thread_id)
    of_ben.send_typing_notification(sender_display_name="Ben")
    of_ben.send_typing_notification()
    worked("chat.sendTyping", CLIENT)
    message_id = of_maria.send_message("read me").id
    of_ben.send_read_receipt(message_id)
    of_maria.send_read_receipt(message_id)
    worked("chat.sendReadReceipt", CLIENT)
    pages = [list(page) for page in of_maria.list_read_receipts(results_per_page=1).by_page()]
    assert [len(page) for page in pages] == [1, 1]
    receipts = {receipt.sender.raw_id: receipt.chat_message_id for page in pages for receipt in page}
    assert receipts == {ben.raw_id: message_id, maria.raw_id: message_id}
    worked("chat.listReadReceipts", CLIENT)
    refusal(other.send_typing_notification)
    refused("chat.sendTyping", CLIENT)
    refusal(lambda: other.send_read_receipt(message_id))
    refused("chat.sendReadReceipt", CLIENT)
    refusal(lambda: list(other.list_read_receipts()))
    refused("chat.listReadReceipts", CLIENT)


def test_a_member_of_the_tenant_is_added_under_the_own_name(house, pair):
    maria, _, thread_id = pair
    organizer = house["members"][0]
    # This client reads the answer of adding a Teams user wrongly after the request has succeeded; the list shows what happened.
    try:
        maria.thread(thread_id).add_participants([ChatParticipant(identifier=MicrosoftTeamsUserIdentifier(organizer["id"]), display_name="X")])
    except KeyError:
        pass
    listed = {one.identifier.raw_id: one for one in maria.thread(thread_id).list_participants()}
    anna = listed[f"8:orgid:{organizer['id']}"]
    assert anna.display_name == organizer["displayName"]
    assert (anna.identifier.kind, anna.identifier.properties["is_anonymous"]) == ("microsoft_teams_user", False)


def test_a_revoked_token_opens_nothing(guest, identities):
    maria = guest()
    list(maria.chat.list_chat_threads())
    identities.revoke_tokens(maria.user)
    refusal(lambda: list(maria.chat.list_chat_threads()), 401, "Unauthorized", ClientAuthenticationError)
