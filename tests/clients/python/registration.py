"""Applications as an administrator registers them, by the administration's own API, and certificates for them."""

import base64
import datetime
import json
import time
from urllib.parse import urljoin

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from member import sign_in, signed_in

REDIRECT = "https://app.example.org/signed-in"

_tokens = {}


def administer(house, method, path, body=None):
    """One request to `/api/admin`, as the administrator."""
    if house["origin"] not in _tokens:
        _, _tokens[house["origin"]] = signed_in(house, house["members"][2], ["User.Read", "Settings.ReadWrite.All"])
    response = requests.request(
        method,
        urljoin(house["origin"], f"/api/admin/{path}"),
        json=body,
        headers={"Authorization": f"Bearer {_tokens[house['origin']]}"},
        verify=house["caCertificate"],
        timeout=20,
    )
    assert response.ok, response.text
    return response.json() if response.content else None


def registered(house, consent=True, **registration):
    """Registers an application; gives its client id and, unless it is public, a secret."""
    application = administer(house, "POST", "applications", {"displayName": "A Python test", **registration})
    client_id = application["clientId"]
    secret = None
    if not registration.get("public"):
        secret = administer(house, "POST", f"applications/{client_id}/secrets", {})["secret"]
    if consent:
        administer(house, "POST", f"applications/{client_id}/consent")
    return client_id, secret


class Certificate:
    """A key with its self-signed certificate."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
        builder = x509.CertificateBuilder(
            issuer_name=name,
            subject_name=name,
            public_key=self.key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=datetime.datetime(2024, 1, 1),
            not_valid_after=datetime.datetime(2048, 1, 1),
        )
        certificate = builder.sign(self.key, hashes.SHA256())
        self.pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        self.key_pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        self.thumbprint = certificate.fingerprint(hashes.SHA1()).hex()
        self.sha256 = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).rstrip(b"=").decode()

    def add_to(self, house, client_id):
        """Registers the certificate with an application."""
        administer(house, "POST", f"applications/{client_id}/certificates", {"pem": self.pem})
        return self

    def assertion(self, client_id, audience, seconds=300):
        """A client assertion that an application signs itself."""

        def encoded(value):
            return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

        now = time.time()
        claims = {"iss": client_id, "sub": client_id, "aud": audience, "iat": now - 10, "exp": now + seconds}
        text = f"{encoded({'alg': 'RS256', 'x5t#S256': self.sha256})}.{encoded(claims)}"
        signature = self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def code_of(house, client_id, scope, account=None):
    """An authorization code of a member for an application with a secret."""
    query = {"client_id": client_id, "response_type": "code", "redirect_uri": REDIRECT, "scope": scope}
    url = requests.Request("GET", f"{house['authority']}/oauth2/v2.0/authorize", params=query).prepare().url
    return sign_in(house, account or house["members"][0], url, REDIRECT)["code"]


def token_for_own_api(house, client_id):
    """A member's token for the API of an application, as another application gets it to call that one."""
    api = f"api://{client_id}/access_as_user"
    caller, secret = registered(house, redirectUris=[REDIRECT], delegatedPermissions=[api])
    form = {
        "grant_type": "authorization_code",
        "client_id": caller,
        "client_secret": secret,
        "redirect_uri": REDIRECT,
        "code": code_of(house, caller, api),
    }
    response = requests.post(f"{house['authority']}/oauth2/v2.0/token", data=form, verify=house["caCertificate"], timeout=20)
    assert response.ok, response.text
    return response.json()["access_token"]


def claims(token):
    """What a token says, unchecked."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


SERVICE = {
    "redirectUris": [REDIRECT],
    "delegatedPermissions": ["User.Read"],
    "exposedScopes": [{"name": "access_as_user", "description": "Use the service as you"}],
}
