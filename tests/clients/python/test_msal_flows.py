"""msal: code, refresh, secret, certificate, assertion, device code, on-behalf-of; and what it is refused."""

import threading
import time

import pytest
from coverage_record import refused, worked
from member import decide_device, sign_in
from msal import ConfidentialClientApplication, PublicClientApplication
from registration import REDIRECT, SERVICE, Certificate, claims, registered, token_for_own_api

CLIENT = "py-msal"


def graph(house):
    return house["origin"] + "/.default"


def confidential(house, client_id, credential):
    return ConfidentialClientApplication(
        client_id, client_credential=credential, authority=house["authority"], instance_discovery=False, verify=house["caCertificate"]
    )


def public(house, client_id):
    return PublicClientApplication(client_id, authority=house["authority"], instance_discovery=False, verify=house["caCertificate"])


def number(answer):
    assert "error" in answer, answer
    return answer["error_codes"][0]


def test_a_secret(house):
    client_id, secret = registered(house, applicationPermissions=["User.Read.All"])
    answer = confidential(house, client_id, secret).acquire_token_for_client([graph(house)])
    assert claims(answer["access_token"])["azpacr"] == "1"
    worked("signIn.secret", CLIENT)
    assert number(confidential(house, client_id, "wrong").acquire_token_for_client([graph(house)])) == 7000215
    refused("signIn.secret", CLIENT)


def test_a_certificate_by_either_thumbprint(house):
    client_id, _ = registered(house, applicationPermissions=["User.Read.All"])
    own = Certificate().add_to(house, client_id)
    for credential in [
        {"private_key": own.key_pem, "thumbprint": own.thumbprint},
        {"private_key": own.key_pem, "public_certificate": own.pem},
    ]:
        answer = confidential(house, client_id, credential).acquire_token_for_client([graph(house)])
        assert claims(answer["access_token"])["azpacr"] == "2", answer
    worked("signIn.certificate", CLIENT)
    stranger = Certificate()
    credential = {"private_key": stranger.key_pem, "thumbprint": own.thumbprint}
    assert number(confidential(house, client_id, credential).acquire_token_for_client([graph(house)])) == 700027
    refused("signIn.certificate", CLIENT)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_assertion_of_its_own(house):
    client_id, _ = registered(house, applicationPermissions=["User.Read.All"])
    own = Certificate().add_to(house, client_id)
    audience = f"{house['authority']}/oauth2/v2.0/token"
    ask = lambda assertion: confidential(house, client_id, {"client_assertion": assertion}).acquire_token_for_client([graph(house)])
    assert "access_token" in ask(own.assertion(client_id, audience))
    worked("signIn.assertion", CLIENT)
    assert number(ask(own.assertion(client_id, "https://login.example.org/token"))) == 700023
    assert number(ask(own.assertion(client_id, audience, seconds=3 * 3600))) == 700024
    refused("signIn.assertion", CLIENT)


def test_the_code_flow_and_refreshing(house):
    client_id, secret = registered(house, consent=False, redirectUris=[REDIRECT], delegatedPermissions=["User.Read"])
    application = confidential(house, client_id, secret)
    flow = application.initiate_auth_code_flow(["User.Read"], redirect_uri=REDIRECT)
    back = sign_in(house, house["members"][0], flow["auth_uri"], REDIRECT)
    answer = application.acquire_token_by_auth_code_flow(dict(flow), back)
    assert claims(answer["access_token"])["oid"] == house["members"][0]["id"]
    worked("signIn.code", CLIENT)
    again = application.acquire_token_by_auth_code_flow(dict(flow), back)
    assert number(again) == 54005
    refused("signIn.code", CLIENT)


def test_refreshing(house):
    client_id, secret = registered(house, redirectUris=[REDIRECT], delegatedPermissions=["User.Read"])
    application = confidential(house, client_id, secret)
    flow = application.initiate_auth_code_flow(["User.Read"], redirect_uri=REDIRECT)
    answer = application.acquire_token_by_auth_code_flow(flow, sign_in(house, house["members"][0], flow["auth_uri"], REDIRECT))
    (account,) = application.get_accounts()
    renewed = application.acquire_token_silent(["User.Read"], account, force_refresh=True)
    assert renewed["access_token"] != answer["access_token"]
    assert account["home_account_id"] == f"{house['members'][0]['id']}.{house['tenantId']}"
    worked("signIn.refresh", CLIENT)
    assert number(application.acquire_token_by_refresh_token("none", ["User.Read"])) == 70000
    refused("signIn.refresh", CLIENT)


def test_a_device_code(house):
    client_id, _ = registered(house, consent=False, public=True, delegatedPermissions=["User.Read"])
    application = public(house, client_id)
    for decision in ["accept", "decline"]:
        flow = application.initiate_device_flow(["User.Read"])
        assert flow["user_code"] in flow["message"] and flow["interval"] == 5, flow
        member = threading.Thread(target=decide_device, args=(house, house["members"][1], flow["verification_uri"], flow["user_code"], decision))
        member.start()
        answer = application.acquire_token_by_device_flow(flow)
        member.join()
        if decision == "accept":
            assert answer["id_token_claims"]["preferred_username"] == house["members"][1]["userPrincipalName"]
            worked("signIn.device", CLIENT)
        else:
            assert number(answer) == 70018
            refused("signIn.device", CLIENT)


def test_a_device_that_hurries_is_told_to_wait(house):
    client_id, _ = registered(house, public=True, delegatedPermissions=["User.Read"])
    application = public(house, client_id)
    flow = application.initiate_device_flow(["User.Read"])
    once = lambda: application.acquire_token_by_device_flow(flow, exit_condition=lambda flow: True)
    first = time.monotonic()
    assert once()["error"] == "authorization_pending"
    second = once()
    assert second["error"] == ("slow_down" if time.monotonic() - first < 4 else "authorization_pending")


def test_on_behalf_of_a_member(house):
    client_id, secret = registered(house, **SERVICE)
    application = confidential(house, client_id, secret)
    assertion = token_for_own_api(house, client_id)
    answer = application.acquire_token_on_behalf_of(assertion, ["User.Read"])
    assert claims(answer["access_token"])["oid"] == house["members"][0]["id"], answer
    worked("signIn.onBehalfOf", CLIENT)
    own = application.acquire_token_for_client([f"{client_id}/.default"])["access_token"]
    assert number(confidential(house, client_id, secret).acquire_token_on_behalf_of(own, ["User.Read"])) == 500132
    refused("signIn.onBehalfOf", CLIENT)


def test_federated_user_credentials_are_not_taken(house):
    client_id, secret = registered(house, delegatedPermissions=["User.Read"])
    application = confidential(house, client_id, secret)
    answer = application.acquire_token_by_user_federated_identity_credential(
        ["User.Read"], "e30.e30.e30", username=house["members"][0]["userPrincipalName"]
    )
    assert number(answer) == 70003
    refused("signIn.userFederated", CLIENT)
