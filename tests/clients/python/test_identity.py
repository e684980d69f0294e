"""azure-communication-identity, synchronous, against the communication facade."""

import base64
import json
import time
import uuid
from datetime import timedelta

import pytest
from azure.communication.identity import CommunicationIdentityClient, CommunicationTokenScope
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError


@pytest.fixture
def client(house):
    return CommunicationIdentityClient.from_connection_string(house["connectionString"], connection_verify=house["caCertificate"])


def claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def endpoint_and_key(house):
    endpoint, key = house["connectionString"].split(";", 1)
    return endpoint.split("=", 1)[1], key.split("=", 1)[1]


def test_an_identity_is_created(client, house):
    user = client.create_user()
    assert user.properties["id"].startswith(f"8:acs:{house['resourceId']}_")


def test_an_identity_is_created_with_its_token(client):
    user, token = client.create_user_and_token([CommunicationTokenScope.VOIP])
    payload = claims(token.token)
    assert f"8:{payload['skypeid']}" == user.properties["id"]
    assert payload["acsScope"] == "voip"
    assert abs(payload["exp"] - time.time() - 24 * 3600) < 120


def test_the_payload_of_a_token_decodes_as_standard_base64_of_ascii(client):
    _, token = client.create_user_and_token([CommunicationTokenScope.CHAT, CommunicationTokenScope.VOIP])
    payload = token.token.split(".")[1]
    assert "-" not in payload and "_" not in payload
    base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True).decode("ascii")


def test_a_token_is_issued_for_minutes_within_bounds_and_refused_outside(client):
    user = client.create_user()
    token = client.get_token(user, [CommunicationTokenScope.VOIP], token_expires_in=timedelta(minutes=60))
    assert abs(claims(token.token)["exp"] - time.time() - 3600) < 120
    for minutes in (59, 1441):
        with pytest.raises(HttpResponseError) as refusal:
            client.get_token(user, [CommunicationTokenScope.VOIP], token_expires_in=timedelta(minutes=minutes))
        assert refusal.value.status_code == 400
        assert refusal.value.error.code == "ValidationError"


def test_tokens_are_revoked_and_new_ones_can_be_had(client):
    user, _ = client.create_user_and_token([CommunicationTokenScope.VOIP])
    client.revoke_tokens(user)
    assert client.get_token(user, [CommunicationTokenScope.VOIP]).token


def test_a_deleted_identity_gets_no_token(client):
    user = client.create_user()
    assert client.get_token(user, [CommunicationTokenScope.VOIP]).token
    client.delete_user(user)
    with pytest.raises(ResourceNotFoundError):
        client.get_token(user, [CommunicationTokenScope.VOIP])


def test_plain_http_with_a_key_works_on_loopback_and_a_wrong_key_is_refused(house):
    _, key = endpoint_and_key(house)
    right = CommunicationIdentityClient(house["httpOrigin"], AzureKeyCredential(key))
    assert right.create_user().properties["id"]
    wrong = CommunicationIdentityClient(house["httpOrigin"], AzureKeyCredential(base64.b64encode(b"not the key").decode()))
    with pytest.raises(ClientAuthenticationError):
        wrong.create_user()


def test_an_endpoint_with_a_trailing_slash_is_accepted(house):
    endpoint, key = endpoint_and_key(house)
    client = CommunicationIdentityClient(endpoint.rstrip("/") + "/", AzureKeyCredential(key), connection_verify=house["caCertificate"])
    assert client.create_user().properties["id"]


def test_an_identity_of_another_resource_gets_no_token(client):
    from azure.communication.identity import CommunicationUserIdentifier

    with pytest.raises(HttpResponseError) as refusal:
        client.get_token(CommunicationUserIdentifier(f"8:acs:{uuid.uuid4()}_{uuid.uuid4()}"), [CommunicationTokenScope.VOIP])
    assert refusal.value.status_code in (400, 404)
