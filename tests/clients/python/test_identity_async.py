"""azure-communication-identity, asynchronous: it signs and sends percent-encoded ids in another form than its synchronous twin."""

import asyncio
import ssl

import pytest
from azure.communication.identity import CommunicationTokenScope
from azure.communication.identity.aio import CommunicationIdentityClient
from azure.core.exceptions import ResourceNotFoundError


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
        await client.revoke_tokens(user)
        assert (await client.get_token(user, [CommunicationTokenScope.VOIP])).token
        await client.delete_user(user)
        with pytest.raises(ResourceNotFoundError):
            await client.get_token(user, [CommunicationTokenScope.VOIP])

    run(house, journey)


def test_the_certificate_of_the_server_is_what_the_authority_vouches_for(house):
    context = ssl.create_default_context(cafile=house["caCertificate"])
    assert context.verify_mode == ssl.CERT_REQUIRED

    async def journey(client):
        assert (await client.create_user()).properties["id"]

    run(house, journey)
