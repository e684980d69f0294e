"""A member with the official msal: the code flow with PKCE; the sign-in page's form is filled in as a browser would."""

import html
import re
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests
from msal import PublicClientApplication

SCOPES = ["User.Read", "OnlineMeetings.ReadWrite", "Teams.ManageCalls"]
MOST_STEPS = 8


def signed_in(house, account, scopes=None):
    """The client id that was used and what msal got for this member."""
    config = requests.get(urljoin(house["authority"], "/api/config"), verify=house["caCertificate"], timeout=20).json()
    redirect_uri = urljoin(house["authority"], "/auth/callback")
    application = PublicClientApplication(
        config["meetClientId"], authority=house["authority"], instance_discovery=False, verify=house["caCertificate"]
    )
    flow = application.initiate_auth_code_flow(scopes or SCOPES, redirect_uri=redirect_uri)
    answer = application.acquire_token_by_auth_code_flow(flow, sign_in(house, account, flow["auth_uri"], redirect_uri))
    assert "access_token" in answer, answer
    return config["meetClientId"], answer["access_token"]


def sign_in(house, account, url, redirect_uri):
    """What comes back to the application in the query when this member signs in; a page that asks for consent is accepted."""
    typed = {"username": account["userPrincipalName"], "password": account["password"]}
    back, _ = _walk(house, url, typed, lambda target, page: page is None and target.startswith(redirect_uri))
    return dict(parse_qsl(urlsplit(back).query))


def decide_device(house, account, verification_uri, user_code, decision="accept"):
    """Types the code of a device, signs in and says yes or no, as a member does in a browser."""
    typed = {"username": account["userPrincipalName"], "password": account["password"], "user_code": user_code, "decision": decision}
    _, page = _walk(house, verification_uri, typed, lambda target, page: page is not None and "<form" not in page)
    assert ("You are signed in" if decision == "accept" else "Nobody was signed in") in page, page[:500]


def _walk(house, url, typed, arrived):
    session = requests.Session()
    session.verify = house["caCertificate"]
    response = session.get(url, allow_redirects=False, timeout=20)
    for _ in range(MOST_STEPS):
        location = response.headers.get("location")
        if location is not None:
            target = urljoin(response.url, location)
            if arrived(target, None):
                return target, None
            response = session.get(target, allow_redirects=False, timeout=20)
            continue
        if arrived(response.url, response.text):
            return response.url, response.text
        action, values = _form(response, typed)
        parts = urlsplit(action)
        origin = f"{parts.scheme}://{parts.netloc}"
        response = session.post(action, data=values, headers={"Origin": origin}, allow_redirects=False, timeout=20)
    raise AssertionError("the sign-in did not come back to the application")


def _form(response, typed):
    form = re.search(r"<form\b[^>]*>", response.text, re.IGNORECASE)
    assert form, f"no form on the page: {response.text[:500]}"
    values = {}
    for tag in re.findall(r"<input\b[^>]*>", response.text, re.IGNORECASE):
        name = _attribute(tag, "name")
        if name is not None:
            values[name] = typed.get(name, _attribute(tag, "value") or "")
    button = re.search(r"<button\b[^>]*\bname=[^>]*>", response.text, re.IGNORECASE)
    if button:
        name = _attribute(button.group(), "name")
        values[name] = typed.get(name, _attribute(button.group(), "value"))
    return urljoin(response.url, _attribute(form.group(), "action") or ""), values


def _attribute(tag, name):
    found = re.search(rf'\b{name}="([^"]*)"', tag, re.IGNORECASE)
    return html.unescape(found.group(1)) if found else None
