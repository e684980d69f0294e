"""azure-communication-identity: a member's own token against a communication token, and who does not get one."""

import asyncio
import base64
import json
import time
import uuid

import pytest
from azure.communication.identity import CommunicationIdentityClient, CommunicationTokenScope
from azure.core.exceptions import HttpResponseError

from azure.communication.identity.aio import CommunicationIdentityClient as AsyncIdentityClient

from coverage_record import refused, worked
from member import signed_in


@pytest.fixture(scope="module")
def client(house):
    return CommunicationIdentityClient.from_connection_string(house["connectionString"], connection_verify=house["caCertificate"])


@pytest.fixture(scope="module")
def organizer(house):
    client_id, token = signed_in(house, house["members"][0])
    return {"client_id": client_id, "token": token, "id": house["members"][0]["id"]}


def claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def test_a_member_gets_a_communication_token_for_the_own_one(client, organizer):
    exchanged = client.get_token_for_teams_user(organizer["token"], organizer["client_id"], organizer["id"])
    payload = claims(exchanged.token)
    assert payload["skypeid"] == f"orgid:{organizer['id']}"
    assert payload["exp"] > time.time()
    assert exchanged.expires_on
    worked("identity.exchangeMemberToken", "py-identity")


def test_the_asynchronous_client_exchanges_in_the_same_way(house, organizer):
    async def journey():
        async with AsyncIdentityClient.from_connection_string(
            house["connectionString"], connection_verify=house["caCertificate"]
        ) as client:
            exchanged = await client.get_token_for_teams_user(organizer["token"], organizer["client_id"], organizer["id"])
            assert claims(exchanged.token)["skypeid"] == f"orgid:{organizer['id']}"
            worked("identity.exchangeMemberToken", "py-identity-async")
            with pytest.raises(HttpResponseError) as refusal:
                await client.get_token_for_teams_user("e30.e30.e30", organizer["client_id"], organizer["id"])
            assert (refusal.value.status_code, refusal.value.error.code) == (401, "InvalidAccessToken")
            refused("identity.exchangeMemberToken", "py-identity-async")

    asyncio.run(journey())


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "e30.e30.e30"},
        {"id": str(uuid.uuid4())},
        {"client_id": str(uuid.uuid4())},
        {"client_id": "not-a-guid"},
    ],
    ids=["a token that is none", "another member", "another application", "an application id that is none"],
)
def test_an_exchange_that_does_not_fit_together_is_refused(client, organizer, wrong):
    asked = {**organizer, **wrong}
    with pytest.raises(HttpResponseError) as refusal:
        client.get_token_for_teams_user(asked["token"], asked["client_id"], asked["id"])
    assert refusal.value.status_code in (400, 401, 403)
    assert refusal.value.message
    refused("identity.exchangeMemberToken", "py-identity")


def test_an_identity_and_its_token_belong_together_and_a_scope_that_does_not_exist_is_refused(client):
    user, token = client.create_user_and_token([CommunicationTokenScope.CHAT, CommunicationTokenScope.VOIP])
    payload = claims(token.token)
    assert f"8:{payload['skypeid']}" == user.properties["id"]
    assert set(payload["acsScope"].split(",")) == {"chat", "voip"}
    assert abs(payload["exp"] - time.time() - 24 * 3600) < 120
    with pytest.raises(HttpResponseError) as refusal:
        client.create_user_and_token(["everything"])
    assert refusal.value.status_code == 400
