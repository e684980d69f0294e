"""azure-communication-chat, asynchronous: every method as it succeeds and as it typically fails."""

import asyncio
import contextlib
import datetime

import pytest
from azure.communication.chat import ChatMessageType, ChatParticipant, CommunicationUserIdentifier
from azure.communication.chat.aio import ChatClient, CommunicationTokenCredential
from azure.communication.identity.aio import CommunicationIdentityClient
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

from coverage_record import refused, worked

CLIENT = "py-chat-async"
NOWHERE = "19:there-is-no-such-thread@thread.v2"


class People:
    """Makes guests with chat clients, and closes what they opened."""

    def __init__(self, house, stack, identities):
        self._house, self._stack, self.identities = house, stack, identities

    async def guest(self, *scopes):
        user, issued = await self.identities.create_user_and_token(list(scopes) or ["chat"])
        credential = await self._stack.enter_async_context(CommunicationTokenCredential(issued.token))
        client = ChatClient(self._house["origin"], credential, connection_verify=self._house["caCertificate"])
        return Guest(user.properties["id"], await self._stack.enter_async_context(client), self._house, self._stack)

    async def pair(self):
        """Maria, Ben and the id of a thread of Maria's."""
        maria, ben = await self.guest(), await self.guest("chat.join")
        created = await maria.chat.create_chat_thread("Visit", thread_participants=[ChatParticipant(identifier=ben.user, display_name="Ben")])
        return maria, ben, created.chat_thread.id


class Guest:
    """A guest with a chat client."""

    def __init__(self, raw_id, chat, house, stack):
        self.raw_id, self.chat, self._house, self._stack = raw_id, chat, house, stack
        self.user = CommunicationUserIdentifier(raw_id)

    async def thread(self, thread_id):
        # A client of a thread does not inherit how its connections are verified.
        client = self.chat.get_chat_thread_client(thread_id, connection_verify=self._house["caCertificate"])
        return await self._stack.enter_async_context(client)


def run(house, journey):
    async def with_people():
        async with contextlib.AsyncExitStack() as stack:
            identities = CommunicationIdentityClient.from_connection_string(
                house["connectionString"], connection_verify=house["caCertificate"]
            )
            await journey(People(house, stack, await stack.enter_async_context(identities)))

    asyncio.run(with_people())


async def refusal(act, status=403, code="Forbidden", kind=HttpResponseError):
    with pytest.raises(kind) as error:
        await act
    assert error.value.status_code == status, error.value
    assert error.value.error.code == code
    assert error.value.error.message


async def whole(pages):
    return [item async for item in pages]


async def paged(pages):
    return [[item async for item in page] async for page in pages.by_page()]


def test_threads_are_made_listed_changed_and_deleted(house):
    async def journey(people):
        maria, ben, thread_id = await people.pair()
        of_maria, of_ben = await maria.thread(thread_id), await ben.thread(thread_id)
        worked("chat.createThread", CLIENT)
        assert (await of_ben.get_properties()).created_by.raw_id == maria.raw_id
        worked("chat.getThread", CLIENT)
        await refusal(ben.chat.create_chat_thread("x"))
        refused("chat.createThread", CLIENT)
        for topic in ("A", "B"):
            await maria.chat.create_chat_thread(topic)
        pages = await paged(maria.chat.list_chat_threads(results_per_page=2))
        assert [[item.topic for item in page] for page in pages] == [["B", "A"], ["Visit"]]
        worked("chat.listThreads", CLIENT)
        await refusal(whole((await people.guest("voip")).chat.list_chat_threads()))
        refused("chat.listThreads", CLIENT)
        await of_maria.update_topic("Other")
        assert (await of_ben.get_properties()).topic == "Other"
        worked("chat.updateTopic", CLIENT)
        await refusal(of_ben.update_topic("No"))
        refused("chat.updateTopic", CLIENT)
        await refusal(ben.chat.delete_chat_thread(thread_id))
        refused("chat.deleteThread", CLIENT)
        await maria.chat.delete_chat_thread(thread_id)
        worked("chat.deleteThread", CLIENT)
        await refusal(of_ben.get_properties())
        await refusal((await ben.thread(NOWHERE)).get_properties())
        refused("chat.getThread", CLIENT)

    run(house, journey)


def test_messages_are_sent_listed_edited_and_deleted(house):
    async def journey(people):
        maria, ben, thread_id = await people.pair()
        of_maria, of_ben = await maria.thread(thread_id), await ben.thread(thread_id)
        other = await (await people.guest()).thread(thread_id)
        first = (await of_maria.send_message("one", sender_display_name="Maria")).id
        second = (await of_ben.send_message("<b>two</b>", chat_message_type=ChatMessageType.HTML)).id
        worked("chat.sendMessage", CLIENT)
        message = await of_ben.get_message(first)
        assert (message.content.message, message.sender.raw_id, message.sender_display_name) == ("one", maria.raw_id, "Maria")
        worked("chat.getMessage", CLIENT)
        pages = await paged(of_ben.list_messages(results_per_page=3))
        assert [[message.sequence_id for message in page] for page in pages] == [["4", "3", "2"], ["1"]]
        assert pages[0][0].id == second
        worked("chat.listMessages", CLIENT)
        await refusal(of_ben.update_message(first, "forged"))
        refused("chat.updateMessage", CLIENT)
        await of_maria.update_message(first, "after")
        assert (await of_ben.get_message(first)).content.message == "after"
        worked("chat.updateMessage", CLIENT)
        await refusal(of_ben.delete_message(first))
        refused("chat.deleteMessage", CLIENT)
        await of_maria.delete_message(first)
        assert (await of_ben.get_message(first)).deleted_on is not None
        worked("chat.deleteMessage", CLIENT)
        await refusal(of_ben.get_message("1"), 404, "NotFound", ResourceNotFoundError)
        refused("chat.getMessage", CLIENT)
        await refusal(other.send_message("x"))
        refused("chat.sendMessage", CLIENT)
        await refusal(whole(other.list_messages()))
        refused("chat.listMessages", CLIENT)

    run(house, journey)


def test_participants_come_and_go(house):
    async def journey(people):
        maria, ben, thread_id = await people.pair()
        of_maria, of_ben = await maria.thread(thread_id), await ben.thread(thread_id)
        carla = await people.guest("chat.join.limited")
        of_carla = await carla.thread(thread_id)
        share_history_time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(milliseconds=1)
        added = ChatParticipant(identifier=carla.user, display_name="Carla", share_history_time=share_history_time)
        assert await of_ben.add_participants([added]) == []
        worked("chat.addParticipants", CLIENT)
        pages = await paged(of_maria.list_participants(results_per_page=2))
        assert ([len(page) for page in pages], pages[1][0].display_name) == ([2, 1], "Carla")
        worked("chat.listParticipants", CLIENT)
        await refusal(of_carla.add_participants([added]))
        refused("chat.addParticipants", CLIENT)
        await refusal(of_carla.remove_participant(ben.user))
        refused("chat.removeParticipant", CLIENT)
        await of_ben.remove_participant(carla.user)
        worked("chat.removeParticipant", CLIENT)
        await refusal(whole(of_carla.list_participants()))
        refused("chat.listParticipants", CLIENT)

    run(house, journey)


def test_typing_and_receipts(house):
    async def journey(people):
        maria, ben, thread_id = await people.pair()
        of_maria, of_ben = await maria.thread(thread_id), await ben.thread(thread_id)
        other = await (await people.guest()).thread(thread_id)
        await of_ben.send_typing_notification(sender_display_name="Ben")
        worked("chat.sendTyping", CLIENT)
        message_id = (await of_maria.send_message("read me")).id
        await of_ben.send_read_receipt(message_id)
        worked("chat.sendReadReceipt", CLIENT)
        receipts = await whole(of_maria.list_read_receipts())
        assert [(receipt.sender.raw_id, receipt.chat_message_id) for receipt in receipts] == [(ben.raw_id, message_id)]
        worked("chat.listReadReceipts", CLIENT)
        await refusal(other.send_typing_notification())
        refused("chat.sendTyping", CLIENT)
        await refusal(other.send_read_receipt(message_id))
        refused("chat.sendReadReceipt", CLIENT)
        await refusal(whole(other.list_read_receipts()))
        refused("chat.listReadReceipts", CLIENT)

    run(house, journey)


def test_a_revoked_token_opens_nothing(house):
    async def journey(people):
        maria = await people.guest()
        assert await whole(maria.chat.list_chat_threads()) == []
        await people.identities.revoke_tokens(maria.user)
        await refusal(whole(maria.chat.list_chat_threads()), 401, "Unauthorized", ClientAuthenticationError)

    run(house, journey)
