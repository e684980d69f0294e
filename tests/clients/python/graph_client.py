"""The official Graph SDK against this server: nothing but address and token are its own."""

from azure.core.credentials import AccessToken
from azure.identity import ClientSecretCredential
from msgraph import GraphServiceClient


class Held:
    """A token that somebody has got already."""

    def __init__(self, token):
        self._token = token

    def get_token(self, *_scopes, **_options):
        return AccessToken(self._token, 2**33)


def graph_base(house):
    return house["origin"].rstrip("/") + "/v1.0"


def graph_of(house, credential, scopes=None):
    client = GraphServiceClient(credential, scopes=scopes)
    client.request_adapter.base_url = graph_base(house)
    return client


def graph_of_application(house):
    authority, tenant = house["authority"].rstrip("/").rsplit("/", 1)
    credential = ClientSecretCredential(
        tenant,
        house["application"]["clientId"],
        house["application"]["clientSecret"],
        authority=authority,
        disable_instance_discovery=True,
        connection_verify=house["caCertificate"],
    )
    return graph_of(house, credential, [house["origin"].rstrip("/") + "/.default"])
