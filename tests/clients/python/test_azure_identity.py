"""azure-identity, synchronous: every credential that this provider serves, and what it is refused."""

import threading

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    AuthorizationCodeCredential,
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
    OnBehalfOfCredential,
)
from coverage_record import refused, worked
from member import decide_device
from registration import REDIRECT, SERVICE, Certificate, claims, code_of, registered, token_for_own_api

CLIENT = "py-azure-identity"
APPLICATION = {"applicationPermissions": ["User.Read.All"]}


def options(house):
    return {"authority": house["origin"], "disable_instance_discovery": True, "connection_verify": house["caCertificate"]}


def graph(house):
    return house["origin"] + "/.default"


def refuses(number, ask):
    with pytest.raises(ClientAuthenticationError) as refusal:
        ask()
    assert f"AADSTS{number}:" in str(refusal.value)


def test_a_secret(house):
    client_id, secret = registered(house, **APPLICATION)
    ask = lambda secret: ClientSecretCredential(house["tenantId"], client_id, secret, **options(house)).get_token(graph(house))
    assert claims(ask(secret).token)["roles"] == ["User.Read.All"]
    worked("signIn.secret", CLIENT)
    refuses(7000215, lambda: ask("wrong"))
    refused("signIn.secret", CLIENT)


def test_a_certificate(house):
    client_id, _ = registered(house, **APPLICATION)
    own = Certificate().add_to(house, client_id)

    def ask(certificate, **more):
        data = (certificate.pem + certificate.key_pem).encode()
        return CertificateCredential(house["tenantId"], client_id, certificate_data=data, **options(house), **more).get_token(graph(house))

    assert claims(ask(own).token)["azpacr"] == "2"
    assert claims(ask(own, send_certificate_chain=True).token)["azpacr"] == "2"
    worked("signIn.certificate", CLIENT)
    refuses(700027, lambda: ask(Certificate()))
    refused("signIn.certificate", CLIENT)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_assertion_of_its_own(house):
    client_id, _ = registered(house, **APPLICATION)
    own = Certificate().add_to(house, client_id)
    audience = f"{house['authority']}/oauth2/v2.0/token"

    def ask(seconds):
        make = lambda: own.assertion(client_id, audience, seconds)
        return ClientAssertionCredential(house["tenantId"], client_id, make, **options(house)).get_token(graph(house))

    assert claims(ask(300).token)["roles"] == ["User.Read.All"]
    worked("signIn.assertion", CLIENT)
    refuses(700024, lambda: ask(-1))
    refused("signIn.assertion", CLIENT)


def test_a_device_code(house):
    client_id, _ = registered(house, consent=False, public=True, delegatedPermissions=["User.Read"])

    def ask(decision):
        def prompt(uri, code, _expires):
            threading.Thread(target=decide_device, args=(house, house["members"][0], uri, code, decision)).start()

        return DeviceCodeCredential(client_id, tenant_id=house["tenantId"], prompt_callback=prompt, **options(house)).get_token("User.Read")

    assert claims(ask("accept").token)["oid"] == house["members"][0]["id"]
    worked("signIn.device", CLIENT)
    refuses(70018, lambda: ask("decline"))
    refused("signIn.device", CLIENT)


def test_an_authorization_code(house):
    client_id, secret = registered(house, redirectUris=[REDIRECT], delegatedPermissions=["User.Read"])
    code = code_of(house, client_id, "openid offline_access User.Read")
    ask = lambda: AuthorizationCodeCredential(
        house["tenantId"], client_id, code, REDIRECT, client_secret=secret, **options(house)
    ).get_token("User.Read")
    assert claims(ask().token)["oid"] == house["members"][0]["id"]
    worked("signIn.code", CLIENT)
    refuses(54005, ask)
    refused("signIn.code", CLIENT)


def test_on_behalf_of_a_member(house):
    client_id, secret = registered(house, **SERVICE)
    assertion = token_for_own_api(house, client_id)
    act = lambda assertion: OnBehalfOfCredential(
        house["tenantId"], client_id, client_secret=secret, user_assertion=assertion, **options(house)
    ).get_token("User.Read")
    token = act(assertion).token
    assert claims(token)["oid"] == house["members"][0]["id"]
    worked("signIn.onBehalfOf", CLIENT)
    refuses(500131, lambda: act(token))
    refused("signIn.onBehalfOf", CLIENT)
