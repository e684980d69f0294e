"""msal and azure-identity: the application signs in with its secret and reads meetings."""

import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential
from msal import ConfidentialClientApplication


def graph_scope(house):
    return house["graphBaseUrl"].removesuffix("/").removesuffix("/v1.0") + "/.default"


def application(house, secret=None):
    return ConfidentialClientApplication(
        house["application"]["clientId"],
        client_credential=secret or house["application"]["clientSecret"],
        authority=house["authority"],
        instance_discovery=False,
        verify=house["caCertificate"],
    )


def meetings(house, token):
    base = house["graphBaseUrl"].removesuffix("/").removesuffix("/v1.0")
    return requests.post(
        f"{base}/v1.0/users/{house['members'][0]['id']}/onlineMeetings",
        json={"subject": "From Python"},
        headers={"Authorization": f"Bearer {token}"},
        verify=house["caCertificate"],
        timeout=20,
    )


def test_msal_gets_a_token_that_schedules_a_meeting(house):
    answer = application(house).acquire_token_for_client([graph_scope(house)])
    assert "access_token" in answer, answer
    response = meetings(house, answer["access_token"])
    assert response.status_code == 201, response.text
    assert "/l/meetup-join/" in response.json()["joinWebUrl"]


def test_msal_with_a_wrong_secret_is_refused(house):
    answer = application(house, secret="not the secret").acquire_token_for_client([graph_scope(house)])
    assert answer["error"] == "invalid_client"
    assert "AADSTS" in answer["error_description"]


def credential(house, secret=None):
    authority, tenant = house["authority"].rstrip("/").rsplit("/", 1)
    return ClientSecretCredential(
        tenant,
        house["application"]["clientId"],
        secret or house["application"]["clientSecret"],
        authority=authority,
        disable_instance_discovery=True,
        connection_verify=house["caCertificate"],
    )


def test_azure_identity_gets_a_token_that_schedules_a_meeting(house):
    token = credential(house).get_token(graph_scope(house)).token
    assert meetings(house, token).status_code == 201


def test_azure_identity_with_a_wrong_secret_is_refused(house):
    with pytest.raises(ClientAuthenticationError):
        credential(house, secret="not the secret").get_token(graph_scope(house))


def test_a_token_that_is_none_is_refused(house):
    response = meetings(house, "e30.e30.e30")
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "InvalidAuthenticationToken"
