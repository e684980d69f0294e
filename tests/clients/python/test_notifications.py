"""msgraph-sdk: every method on subscriptions to change notifications, as it succeeds and as it typically fails."""

import asyncio
import datetime
import http.server
import ipaddress
import pathlib
import ssl
import tempfile
import threading
import urllib.parse
import uuid

import pytest
from azure.core.credentials import AccessToken
from azure.identity import ClientSecretCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.online_meeting import OnlineMeeting
from msgraph.generated.models.subscription import Subscription

from conftest import start
from coverage_record import refused, worked

CLIENT = "py-graph"


class Receiver(http.server.BaseHTTPRequestHandler):
    """Sends the validation token back."""

    def do_POST(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        self.rfile.read(int(self.headers.get("content-length", 0)))
        token = query.get("validationToken", [""])[0].encode()
        self.send_response(200)
        self.send_header("content-type", "text/plain")
        self.send_header("content-length", str(len(token)))
        self.end_headers()
        self.wfile.write(token)

    def log_message(self, *_):
        pass


def certificate(directory):
    """A self-signed certificate for the loopback; gives the files of certificate and key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a receiver in a test")])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = directory / "receiver.pem", directory / "receiver.key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@pytest.fixture(scope="module")
def watching():
    """A server that may call a receiver on this machine; the address of the receiver."""
    with tempfile.TemporaryDirectory(prefix="anteroom-notifications-") as name:
        directory = pathlib.Path(name)
        chain, key = certificate(directory)
        receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        receiver.socket = context.wrap_socket(receiver.socket, server_side=True)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        process, ready = start(directory, "--allow-outbound", "127.0.0.1", "--outbound-ca", str(chain))
        try:
            with pytest.MonkeyPatch.context() as environment:
                for name in ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"]:
                    environment.setenv(name, ready["caCertificate"])
                yield ready, f"https://127.0.0.1:{receiver.server_port}/hook"
        finally:
            receiver.shutdown()
            process.terminate()
            assert process.wait(timeout=20) == 0


class Stranger:
    """Has a token that nobody issued."""

    def get_token(self, *_, **__):
        return AccessToken("not.a.token", int(minutes(60).timestamp()))

    def close(self):
        pass


def graph(ready, credential=None):
    base = urllib.parse.urlsplit(ready["graphBaseUrl"])
    credential = credential or ClientSecretCredential(
        ready["tenantId"],
        ready["application"]["clientId"],
        ready["application"]["clientSecret"],
        authority=ready["origin"],
        disable_instance_discovery=True,
    )
    scopes = [f"{base.scheme}://{base.netloc}/.default"]
    provider = AzureIdentityAuthenticationProvider(credential, scopes=scopes, allowed_hosts=[base.hostname, base.netloc])
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = f"{ready['graphBaseUrl'].rstrip('/')}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


async def schedule(client, ready):
    return await client.users.by_user_id(ready["members"][0]["id"]).online_meetings.post(OnlineMeeting(subject="Visit"))


def minutes(count):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=count)


def wanted(meeting, url):
    link = urllib.parse.quote(meeting.join_web_url, safe="")
    return Subscription(
        change_type="updated",
        notification_url=url,
        resource=f"communications/onlineMeetings(joinWebUrl='{link}')/meetingCallEvents",
        expiration_date_time=minutes(60),
        client_state="a state",
    )


async def fails(call, status, code):
    with pytest.raises(ODataError) as caught:
        await call
    assert (caught.value.response_status_code, caught.value.error.code) == (status, code)
    assert caught.value.error.message


def test_every_method_works(watching):
    ready, url = watching

    async def journey():
        client = graph(ready)
        meeting = await schedule(client, ready)
        made = await client.subscriptions.post(wanted(meeting, url))
        assert made.client_state == "a state" and made.application_id == ready["application"]["clientId"]
        worked("subscriptions.create", CLIENT)
        one = client.subscriptions.by_subscription_id(made.id)
        assert (await one.get()).resource == made.resource
        worked("subscriptions.get", CLIENT)
        assert made.id in [found.id for found in (await client.subscriptions.get()).value]
        worked("subscriptions.list", CLIENT)
        later = minutes(50).replace(microsecond=0)
        assert (await one.patch(Subscription(expiration_date_time=later))).expiration_date_time == later
        worked("subscriptions.renew", CLIENT)
        await one.reauthorize.post()
        worked("subscriptions.reauthorize", CLIENT)
        await one.delete()
        worked("subscriptions.delete", CLIENT)
        await fails(one.get(), 404, "ResourceNotFound")

    asyncio.run(journey())


def test_every_method_fails_as_the_client_knows_it(watching):
    ready, url = watching

    async def journey():
        client = graph(ready)
        meeting = await schedule(client, ready)
        for bad in ["https://169.254.169.254/hook", url.replace("127.0.0.1", "127.0.0.2"), url.replace("https", "http")]:
            await fails(client.subscriptions.post(wanted(meeting, bad)), 400, "InvalidArgument")
        await client.subscriptions.post(wanted(meeting, url))
        await fails(client.subscriptions.post(wanted(meeting, url)), 409, "nameAlreadyExists")
        refused("subscriptions.create", CLIENT)
        await fails(graph(ready, Stranger()).subscriptions.get(), 401, "InvalidAuthenticationToken")
        refused("subscriptions.list", CLIENT)
        nowhere = client.subscriptions.by_subscription_id(str(uuid.uuid4()))
        await fails(nowhere.get(), 404, "ResourceNotFound")
        refused("subscriptions.get", CLIENT)
        await fails(nowhere.patch(Subscription(expiration_date_time=minutes(50))), 404, "ResourceNotFound")
        refused("subscriptions.renew", CLIENT)
        await fails(nowhere.reauthorize.post(), 404, "ResourceNotFound")
        refused("subscriptions.reauthorize", CLIENT)
        await fails(nowhere.delete(), 404, "ResourceNotFound")
        refused("subscriptions.delete", CLIENT)
        await fails(client.subscriptions.get_vapid_public_key.get(), 404, "ResourceNotFound")
        refused("subscriptions.vapidPublicKey", CLIENT)

    asyncio.run(journey())
