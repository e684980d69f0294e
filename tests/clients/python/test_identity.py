"""azure-communication-identity, synchronous, against the communication facade."""

import base64
import json
import time
import uuid
from datetime import timedelta

import pytest
from azure.communication.chat import CommunicationTokenCredential
from azure.communication.identity import CommunicationIdentityClient, CommunicationTokenScope, CommunicationUserIdentifier
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential

from coverage_record import refused, worked

CLIENT = "py-identity"


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
    worked("identity.create", CLIENT)


def test_an_identity_is_created_with_its_token(client):
    user, token = client.create_user_and_token([CommunicationTokenScope.VOIP])
    payload = claims(token.token)
    assert f"8:{payload['skypeid']}" == user.properties["id"]
    assert payload["acsScope"] == "voip"
    assert abs(payload["exp"] - time.time() - 24 * 3600) < 120
    worked("identity.createWithToken", CLIENT)
    with pytest.raises(HttpResponseError) as refusal:
        client.create_user_and_token([CommunicationTokenScope.VOIP], token_expires_in=timedelta(minutes=59))
    assert refusal.value.error.code == "ValidationError"
    refused("identity.createWithToken", CLIENT)


def test_the_payload_of_a_token_decodes_as_standard_base64_of_ascii(client):
    _, token = client.create_user_and_token([CommunicationTokenScope.CHAT, CommunicationTokenScope.VOIP])
    payload = token.token.split(".")[1]
    assert "-" not in payload and "_" not in payload
    base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True).decode("ascii")


def test_every_issued_token_is_one_that_the_credential_of_the_other_clients_reads(client):
    user = client.create_user()
    for scopes in ([scope] for scope in CommunicationTokenScope):
        token = client.get_token(user, scopes)
        read = CommunicationTokenCredential(token.token).get_token()
        assert read.token == token.token
        assert abs(read.expires_on - time.time() - 24 * 3600) < 120


def test_a_token_is_issued_for_minutes_within_bounds_and_refused_outside(client):
    user = client.create_user()
    for minutes in (60, 1440, None):
        within = None if minutes is None else timedelta(minutes=minutes)
        token = client.get_token(user, [CommunicationTokenScope.VOIP], token_expires_in=within)
        assert abs(claims(token.token)["exp"] - time.time() - (minutes or 1440) * 60) < 120
    worked("identity.issueToken", CLIENT)
    for none in (None, []):
        with pytest.raises(HttpResponseError) as refusal:
            client.get_token(user, none)
        assert (refusal.value.status_code, refusal.value.error.target) == (400, "Scopes")
    for minutes in (59, 1441):
        with pytest.raises(HttpResponseError) as refusal:
            client.get_token(user, [CommunicationTokenScope.VOIP], token_expires_in=timedelta(minutes=minutes))
        assert refusal.value.status_code == 400
        assert refusal.value.error.code == "ValidationError"
    refused("identity.issueToken", CLIENT)


def test_tokens_are_revoked_and_new_ones_can_be_had(client):
    user, _ = client.create_user_and_token([CommunicationTokenScope.VOIP])
    client.revoke_tokens(user)
    worked("identity.revokeTokens", CLIENT)
    assert client.get_token(user, [CommunicationTokenScope.VOIP]).token
    with pytest.raises(ResourceNotFoundError):
        client.revoke_tokens(CommunicationUserIdentifier(f"8:acs:{uuid.uuid4()}_{uuid.uuid4()}"))
    refused("identity.revokeTokens", CLIENT)


def test_a_deleted_identity_gets_no_token(client):
    user = client.create_user()
    assert client.get_token(user, [CommunicationTokenScope.VOIP]).token
    client.delete_user(user)
    worked("identity.delete", CLIENT)
    with pytest.raises(ResourceNotFoundError):
        client.get_token(user, [CommunicationTokenScope.VOIP])
    with pytest.raises(ResourceNotFoundError):
        client.delete_user(CommunicationUserIdentifier(f"8:acs:{uuid.uuid4()}_{uuid.uuid4()}"))
    refused("identity.delete", CLIENT)


def test_plain_http_with_a_key_works_on_loopback_and_a_wrong_key_is_refused(house):
    _, key = endpoint_and_key(house)
    right = CommunicationIdentityClient(house["httpOrigin"], AzureKeyCredential(key))
    assert right.create_user().properties["id"]
    wrong = CommunicationIdentityClient(house["httpOrigin"], AzureKeyCredential(base64.b64encode(b"not the key").decode()))
    with pytest.raises(ClientAuthenticationError):
        wrong.create_user()
    refused("identity.create", CLIENT)


def test_an_endpoint_with_a_trailing_slash_is_accepted(house):
    endpoint, key = endpoint_and_key(house)
    client = CommunicationIdentityClient(endpoint.rstrip("/") + "/", AzureKeyCredential(key), connection_verify=house["caCertificate"])
    assert client.create_user().properties["id"]


def test_an_application_signs_in_with_azure_identity_instead_of_using_the_key(house):
    credential = ClientSecretCredential(
        house["tenantId"],
        house["application"]["clientId"],
        house["application"]["clientSecret"],
        authority=house["origin"],
        disable_instance_discovery=True,
        connection_verify=house["caCertificate"],
    )
    client = CommunicationIdentityClient(house["origin"], credential, connection_verify=house["caCertificate"])
    assert client.create_user().properties["id"]


def test_an_identity_of_another_resource_gets_no_token(client):
    with pytest.raises(HttpResponseError) as refusal:
        client.get_token(CommunicationUserIdentifier(f"8:acs:{uuid.uuid4()}_{uuid.uuid4()}"), [CommunicationTokenScope.VOIP])
    assert refusal.value.status_code in (400, 404)
