"""azure-identity, asynchronous."""

import asyncio

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity.aio import (
    AuthorizationCodeCredential,
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    OnBehalfOfCredential,
)
from coverage_record import refused, worked
from registration import REDIRECT, SERVICE, Certificate, claims, code_of, registered, token_for_own_api

CLIENT = "py-azure-identity-async"
APPLICATION = {"applicationPermissions": ["User.Read.All"]}


def options(house):
    return {"authority": house["origin"], "disable_instance_discovery": True, "connection_verify": house["caCertificate"]}


def token(credential, scope):
    async def ask():
        async with credential:
            return (await credential.get_token(scope)).token

    return asyncio.run(ask())


def refuses(number, credential, scope):
    with pytest.raises(ClientAuthenticationError) as refusal:
        token(credential, scope)
    assert f"AADSTS{number}:" in str(refusal.value)


def test_a_secret(house):
    client_id, secret = registered(house, **APPLICATION)
    scope = house["origin"] + "/.default"
    with_secret = lambda secret: ClientSecretCredential(house["tenantId"], client_id, secret, **options(house))
    assert claims(token(with_secret(secret), scope))["roles"] == ["User.Read.All"]
    worked("signIn.secret", CLIENT)
    refuses(7000215, with_secret("wrong"), scope)
    refused("signIn.secret", CLIENT)


def test_a_certificate(house):
    client_id, _ = registered(house, **APPLICATION)
    own = Certificate().add_to(house, client_id)
    scope = house["origin"] + "/.default"

    def with_certificate(certificate):
        data = (certificate.pem + certificate.key_pem).encode()
        return CertificateCredential(house["tenantId"], client_id, certificate_data=data, **options(house))

    assert claims(token(with_certificate(own), scope))["azpacr"] == "2"
    worked("signIn.certificate", CLIENT)
    refuses(700027, with_certificate(Certificate()), scope)
    refused("signIn.certificate", CLIENT)


def test_an_assertion_of_its_own(house):
    client_id, _ = registered(house, **APPLICATION)
    own = Certificate().add_to(house, client_id)
    scope = house["origin"] + "/.default"
    audience = f"{house['authority']}/oauth2/v2.0/token"
    signed = lambda seconds: ClientAssertionCredential(
        house["tenantId"], client_id, lambda: own.assertion(client_id, audience, seconds), **options(house)
    )
    assert claims(token(signed(300), scope))["azpacr"] == "2"
    worked("signIn.assertion", CLIENT)
    refuses(700024, signed(-1), scope)
    refused("signIn.assertion", CLIENT)


def test_an_authorization_code(house):
    client_id, secret = registered(house, redirectUris=[REDIRECT], delegatedPermissions=["User.Read"])
    code = code_of(house, client_id, "openid offline_access User.Read")
    with_code = lambda: AuthorizationCodeCredential(house["tenantId"], client_id, code, REDIRECT, client_secret=secret, **options(house))
    assert claims(token(with_code(), "User.Read"))["oid"] == house["members"][0]["id"]
    worked("signIn.code", CLIENT)
    refuses(54005, with_code(), "User.Read")
    refused("signIn.code", CLIENT)


def test_on_behalf_of_a_member(house):
    client_id, secret = registered(house, **SERVICE)
    acting = lambda assertion: OnBehalfOfCredential(
        house["tenantId"], client_id, client_secret=secret, user_assertion=assertion, **options(house)
    )
    acted = token(acting(token_for_own_api(house, client_id)), "User.Read")
    assert claims(acted)["oid"] == house["members"][0]["id"]
    worked("signIn.onBehalfOf", CLIENT)
    refuses(500131, acting(acted), "User.Read")
    refused("signIn.onBehalfOf", CLIENT)
