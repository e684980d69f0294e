"""msgraph-sdk: an application reaches exactly the organizers that an application access policy gives it, at once.

Every policy made here lists the common application too, so that other tests notice nothing."""

import asyncio
import random

import pytest
from azure.identity import ClientSecretCredential
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.online_meeting import OnlineMeeting

from coverage_record import refused, worked
from graph_client import graph_of
from registration import administer, registered

pytestmark = pytest.mark.filterwarnings("ignore:This class is deprecated:DeprecationWarning")

CLIENT = "py-graph"


@pytest.fixture(name="application", scope="module")
def _application(house):
    return registered(house, applicationPermissions=["OnlineMeetings.ReadWrite.All"])


def attempt(house, application, person):
    """Schedules and deletes a meeting for this person; gives nothing, or the refusal."""
    client_id, secret = application
    authority, tenant = house["authority"].rstrip("/").rsplit("/", 1)

    async def journey():
        credential = ClientSecretCredential(
            tenant, client_id, secret, authority=authority, disable_instance_discovery=True, connection_verify=house["caCertificate"]
        )
        graph = graph_of(house, credential, [house["origin"].rstrip("/") + "/.default"])
        meetings = graph.users.by_user_id(person["id"]).online_meetings
        meeting = await meetings.post(OnlineMeeting(subject="By an application"))
        await meetings.by_online_meeting_id(meeting.id).delete()

    try:
        asyncio.run(journey())
    except ODataError as refusal:
        return refusal
    return None


def reaches(house, application, person):
    assert attempt(house, application, person) is None


def misses(house, application, person):
    refusal = attempt(house, application, person)
    assert refusal is not None and refusal.response_status_code == 403
    assert refusal.error.code == "Forbidden"
    for part in ("No application access policy found for this app", application[0], person["id"]):
        assert part in refusal.error.message


def policy(house, name, application, lists=True):
    applications = [house["application"]["clientId"], *([application[0]] if lists else [])]
    return administer(house, "POST", "access/policies", {"name": f"{name} {application[0]}", "applications": applications})["id"]


def test_the_own_grant_opens_an_organizer_until_it_is_revoked(house, application):
    colleague = house["members"][1]
    misses(house, application, colleague)
    refused("access.byMember", CLIENT)
    own = policy(house, "own", application)
    administer(house, "PUT", f"access/grants/members/{colleague['id']}", {"policyId": own})
    reaches(house, application, colleague)
    worked("access.byMember", CLIENT)
    administer(house, "DELETE", f"access/grants/members/{colleague['id']}")
    misses(house, application, colleague)


def test_a_group_opens_its_members_and_an_own_grant_wins_over_it(house, application):
    colleague = house["members"][1]
    shared, without = policy(house, "group", application), policy(house, "without", application, lists=False)
    group = administer(house, "POST", "access/groups", {"displayName": "Ward"})["id"]
    administer(house, "PUT", f"access/grants/groups/{group}", {"policyId": shared, "rank": random.randint(1, 900_000)})
    misses(house, application, colleague)
    refused("access.byGroup", CLIENT)
    administer(house, "PUT", f"access/groups/{group}/members/{colleague['id']}")
    reaches(house, application, colleague)
    worked("access.byGroup", CLIENT)
    administer(house, "PUT", f"access/grants/members/{colleague['id']}", {"policyId": without})
    misses(house, application, colleague)
    administer(house, "DELETE", f"access/grants/members/{colleague['id']}")
    administer(house, "DELETE", f"access/grants/groups/{group}")
    misses(house, application, colleague)


def test_the_global_grant_opens_everybody_and_closes_at_once(house, application):
    grants = administer(house, "GET", "access/grants")["value"]
    everybody = next(grant["policyId"] for grant in grants if grant["kind"] == "global")
    applications = administer(house, "GET", f"access/policies/{everybody}")["applications"]
    administer(house, "PATCH", f"access/policies/{everybody}", {"applications": [*applications, application[0]]})
    for person in house["members"]:
        reaches(house, application, person)
    worked("access.globally", CLIENT)
    administer(house, "PATCH", f"access/policies/{everybody}", {"applications": applications})
    misses(house, application, house["members"][0])
    refused("access.globally", CLIENT)
