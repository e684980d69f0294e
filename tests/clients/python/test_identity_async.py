"""azure-communication-identity, asynchronous: it signs and sends percent-encoded ids in another form than its synchronous twin."""

import asyncio
import ssl
import uuid
from datetime import timedelta

import pytest
from azure.communication.identity import CommunicationTokenScope
from azure.communication.identity.aio import CommunicationIdentityClient
from azure.communication.identity import CommunicationUserIdentifier
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

from coverage_record import refused, worked

CLIENT = "py-identity-async"


def run(house, journey):
    async def with_client():
        async with CommunicationIdentityClient.from_connection_string(
            house["connectionString"], connection_verify=house["caCertificate"]
        ) as client:
            return await journey(client)

    return asyncio.run(with_client())


def test_the_whole_life_of_an_identity(house):
    async def journey(client):
        user, first = await client.create_user_and_token([CommunicationTokenScope.VOIP])
        second = await client.get_token(user, [CommunicationTokenScope.VOIP])
        assert first.token and second.token
        worked("identity.createWithToken", CLIENT)
        worked("identity.issueToken", CLIENT)
        await client.revoke_tokens(user)
        worked("identity.revokeTokens", CLIENT)
        assert (await client.get_token(user, [CommunicationTokenScope.VOIP])).token
        await client.delete_user(user)
        worked("identity.delete", CLIENT)
        with pytest.raises(ResourceNotFoundError):
            await client.get_token(user, [CommunicationTokenScope.VOIP])
        refused("identity.issueToken", CLIENT)

    run(house, journey)


def test_an_endpoint_with_a_slash_at_its_end_is_the_same_endpoint(house):
    async def journey():
        key = AzureKeyCredential(house["connectionString"].split(";accesskey=")[1])
        async with CommunicationIdentityClient(house["origin"] + "/", key, connection_verify=house["caCertificate"]) as client:
            user = await client.create_user()
            assert (await client.get_token(user, [CommunicationTokenScope.CHAT])).token
            await client.delete_user(user)

    asyncio.run(journey())


def test_typical_failures_arrive_as_the_clients_own_errors(house):
    async def journey(client):
        with pytest.raises(HttpResponseError) as refusal:
            await client.create_user_and_token([CommunicationTokenScope.VOIP], token_expires_in=timedelta(minutes=1441))
        assert (refusal.value.status_code, refusal.value.error.code) == (400, "ValidationError")
        refused("identity.createWithToken", CLIENT)
        stranger = CommunicationUserIdentifier(f"8:acs:{house['resourceId']}_{uuid.uuid4()}")
        with pytest.raises(ResourceNotFoundError):
            await client.revoke_tokens(stranger)
        refused("identity.revokeTokens", CLIENT)
        with pytest.raises(ResourceNotFoundError):
            await client.delete_user(CommunicationUserIdentifier(f"8:acs:{uuid.uuid4()}_{uuid.uuid4()}"))
        refused("identity.delete", CLIENT)
        async with CommunicationIdentityClient(house["httpOrigin"], AzureKeyCredential("YW5vdGhlciBrZXk=")) as wrong:
            with pytest.raises(ClientAuthenticationError):
                await wrong.create_user()
        refused("identity.create", CLIENT)

    run(house, journey)


def test_the_certificate_of_the_server_is_what_the_authority_vouches_for(house):
    context = ssl.create_default_context(cafile=house["caCertificate"])
    assert context.verify_mode == ssl.CERT_REQUIRED

    async def journey(client):
        assert (await client.create_user()).properties["id"]
        worked("identity.create", CLIENT)

    run(house, journey)
