"""azure-communication-networktraversal, synchronous and asynchronous, against a server that knows a relay and one that knows none."""

import asyncio
import base64
import hashlib
import hmac
import pathlib
import tempfile
import time

import pytest
from azure.communication.identity import CommunicationIdentityClient
from azure.communication.networktraversal import CommunicationRelayClient, RouteType
from azure.communication.networktraversal.aio import CommunicationRelayClient as AsyncRelayClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError

from conftest import start
from coverage_record import refused, worked

SECRET = "a secret that only the relay and the server have"
RELAY = "turn:127.0.0.1:3478?transport=udp"


@pytest.fixture(scope="module")
def relayed():
    """A server of these tests' own, over plain http: its certificate is by an authority that nobody here trusts."""
    with tempfile.TemporaryDirectory(prefix="anteroom-relay-") as directory:
        process, ready = start(pathlib.Path(directory), "--relay-url", RELAY, "--relay-secret", SECRET)
        try:
            yield ready
        finally:
            process.terminate()
            assert process.wait(timeout=20) == 0


def key(ready):
    return AzureKeyCredential(ready["connectionString"].split(";accesskey=")[1])


def check(server, expected_end):
    assert server.urls == [RELAY]
    assert abs(int(server.username.split(":")[0]) - expected_end) < 120
    mac = hmac.new(SECRET.encode(), server.username.encode(), hashlib.sha1).digest()
    assert server.credential == base64.b64encode(mac).decode()


def test_a_configuration_is_for_the_identity_the_route_and_the_time_that_are_asked_for(relayed):
    client = CommunicationRelayClient(relayed["httpOrigin"], key(relayed))
    both = client.get_relay_configuration()
    assert [server.route_type for server in both.ice_servers] == ["any", "nearest"]
    for server in both.ice_servers:
        check(server, time.time() + 172_800)

    identities = CommunicationIdentityClient(relayed["httpOrigin"], key(relayed))
    user = identities.create_user()
    one = client.get_relay_configuration(user=user, route_type=RouteType.NEAREST, ttl=600)
    assert [server.route_type for server in one.ice_servers] == ["nearest"]
    check(one.ice_servers[0], time.time() + 600)
    assert one.ice_servers[0].username.endswith(user.properties["id"])
    worked("relay.issue", "py-relay")

    identities.delete_user(user)
    with pytest.raises(ResourceNotFoundError):
        client.get_relay_configuration(user=user)
    refused("relay.issue", "py-relay")


def test_the_asynchronous_client_gets_the_same(relayed):
    async def journey():
        async with AsyncRelayClient(relayed["httpOrigin"], key(relayed)) as client:
            configuration = await client.get_relay_configuration(ttl=60)
            check(configuration.ice_servers[0], time.time() + 60)
            worked("relay.issue", "py-relay-async")
        async with AsyncRelayClient(relayed["httpOrigin"], AzureKeyCredential("YW5vdGhlciBrZXk=")) as stranger:
            with pytest.raises(ClientAuthenticationError):
                await stranger.get_relay_configuration()
            refused("relay.issue", "py-relay-async")

    asyncio.run(journey())


def test_a_server_without_a_relay_says_so_and_the_client_does_not_try_again(house):
    client = CommunicationRelayClient.from_connection_string(house["connectionString"], connection_verify=house["caCertificate"])
    began = time.monotonic()
    with pytest.raises(ResourceNotFoundError) as refusal:
        client.get_relay_configuration()
    assert refusal.value.error.code == "RelayNotConfigured"
    assert time.monotonic() - began < 3
