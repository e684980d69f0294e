//! Calls in rooms and group calls over real sockets: whom they are for, in which role, and what a change over the rooms API does to a call that is
//! being held.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use app::model::{Room, RoomRole};
use app::rooms::{PeopleChanges, RoomDraft, RoomPatch};
use common::{Client, House, ended, snapshot};
use wire::{CallKind, CapabilityName, Event, Locator, MediaKind, RequestBody, Role};

const SECOND: i64 = 1_000_000;
const GROUP: &str = "29228d3e-040e-4656-a70e-890ab4e173e5";

async fn room(house: &House, people: &[(&str, RoomRole)]) -> Room {
    let people = people.iter().map(|(id, role)| ((*id).to_owned(), *role)).collect();
    let draft = RoomDraft {
        people,
        ..RoomDraft::default()
    };
    house.app.create_room(&draft, None).await.expect("a room")
}

async fn change(house: &House, room: &Room, raw_id: &str, role: Option<RoomRole>) {
    let changes = PeopleChanges::new(&house.accounts.tenant, vec![(raw_id.to_owned(), role)]).expect("changes");
    house.app.change_room_people(&room.id, &changes).await.expect("a changed room");
}

fn into(room: &Room) -> Locator {
    Locator::Room { room_id: room.id.clone() }
}

fn group(id: &str) -> Locator {
    Locator::Group { group_id: id.to_owned() }
}

fn share() -> RequestBody {
    RequestBody::SetPublication {
        kind: MediaKind::Screen,
        active: true,
        width: 1280,
        height: 720,
    }
}

fn role_of(id: &str, wanted: Role) -> impl FnMut(Event) -> Option<()> {
    let id = id.to_owned();
    move |event| match event {
        Event::Participants { upserted, .. } => upserted.iter().any(|one| one.id == id && one.role == wanted).then_some(()),
        _ => None,
    }
}

/// A connected guest in the call, with their raw id, call and snapshot.
async fn enters(house: &House, token: &str, locator: Locator) -> (Client, String, wire::Snapshot) {
    let mut client = house.connect(token).await;
    let joined = client.join(locator, "Somebody").await.expect("may come in");
    assert!(!joined.waiting, "there is no lobby");
    let told = client.until(snapshot).await;
    (client, joined.call, told)
}

#[tokio::test]
async fn people_come_into_a_room_with_the_roles_that_the_application_gave() {
    let house = House::open().await;
    let ((maria_id, maria), (jose_id, jose)) = (house.guest().await, house.guest().await);
    let room = room(&house, &[(&maria_id, RoomRole::Presenter), (&jose_id, RoomRole::Attendee)]).await;
    let (mut jose, jose_call, told) = enters(&house, &jose, into(&room)).await;
    assert_eq!((told.own.role, told.meeting.kind), (Role::Attendee, CallKind::Room));
    assert_eq!((told.meeting.thread_id.as_str(), told.meeting.group_id), ("", None));
    let (mut maria, maria_call, told) = enters(&house, &maria, into(&room)).await;
    assert_eq!(told.own.role, Role::Presenter);
    jose.until(role_of(&maria_id, Role::Presenter)).await;

    assert_eq!(jose.refused(&jose_call, share()).await.name, "roleForbidsScreen");
    maria.ok(&maria_call, share()).await;
    let remove = |participant: &str| RequestBody::RemoveParticipant {
        participant: participant.to_owned(),
    };
    assert_eq!(jose.refused(&jose_call, remove(&maria_id)).await.name, "roleForbidsRemove");
    maria.ok(&maria_call, remove(&jose_id)).await;
    assert_eq!(jose.until(ended).await.sub_code, 5300);
    let again = jose.join(into(&room), "José").await.expect_err("a removal sticks");
    assert_eq!(again.name, "removedBefore");
}

#[tokio::test]
async fn a_room_is_for_those_whom_it_lists_and_while_it_is_open() {
    let house = House::open().await;
    let ((maria_id, maria), (_, stranger)) = (house.guest().await, house.guest().await);
    let member_id = house.accounts.members[0].member.raw_id();
    let room = room(&house, &[(&maria_id, RoomRole::Presenter), (&member_id, RoomRole::Presenter)]).await;
    let mut stranger = house.connect(&stranger).await;
    let refusal = stranger.join(into(&room), "").await.expect_err("not listed");
    assert_eq!((refusal.code, refusal.sub_code), (403, 5828));
    let mut member = house.connect(&house.member_token(0).await).await;
    let refusal = member.join(into(&room), "").await.expect_err("a member, although listed");
    assert_eq!((refusal.code, refusal.sub_code), (403, 5830));
    let mut maria = house.connect(&maria).await;
    for id in ["99199690362660524", "no room", ""] {
        let nowhere = Locator::Room { room_id: id.to_owned() };
        let refusal = maria.join(nowhere, "").await.expect_err("no such room");
        assert_eq!((refusal.code, refusal.sub_code), (404, 5732));
    }
    let later = RoomPatch {
        valid_from: Some(house.app.now() + 3600 * SECOND),
        ..RoomPatch::default()
    };
    house.app.update_room(&room.id, &later).await.expect("a room that opens later");
    let refusal = maria.join(into(&room), "").await.expect_err("not open yet");
    assert_eq!((refusal.code, refusal.sub_code), (403, 5829));
    house.clock.set_forward(3601 * SECOND);
    maria.join(into(&room), "").await.expect("open now");
}

#[tokio::test]
async fn who_is_put_into_a_room_enters_it_at_once_and_who_is_taken_out_is_out_at_once() {
    let house = House::open().await;
    let ((maria_id, maria), (jose_id, jose)) = (house.guest().await, house.guest().await);
    let room = room(&house, &[(&maria_id, RoomRole::Presenter)]).await;
    let (mut maria, _, _) = enters(&house, &maria, into(&room)).await;
    let mut jose = house.connect(&jose).await;
    // Word of the change and the join race to the call; the join must not win. Many rounds, since one might be luck.
    for _ in 0..10 {
        assert_eq!(jose.join(into(&room), "").await.expect_err("not yet").sub_code, 5828);
        change(&house, &room, &jose_id, Some(RoomRole::Attendee)).await;
        jose.join(into(&room), "").await.expect("listed now");
        change(&house, &room, &jose_id, None).await;
        let reason = jose.until(ended).await;
        assert_eq!((reason.code, reason.sub_code), (0, 5317));
        let gone = |event| match event {
            Event::Participants { left, .. } => left.iter().any(|one| one.id == jose_id).then_some(()),
            _ => None,
        };
        maria.until(gone).await;
    }
}

#[tokio::test]
async fn a_role_changed_over_the_api_acts_in_the_call_at_once() {
    let house = House::open().await;
    let ((maria_id, maria), (jose_id, jose)) = (house.guest().await, house.guest().await);
    let room = room(&house, &[(&maria_id, RoomRole::Presenter), (&jose_id, RoomRole::Attendee)]).await;
    let (mut maria, _, _) = enters(&house, &maria, into(&room)).await;
    let (mut jose, call, _) = enters(&house, &jose, into(&room)).await;
    assert_eq!(jose.refused(&call, share()).await.name, "roleForbidsScreen");
    change(&house, &room, &jose_id, Some(RoomRole::Collaborator)).await;
    maria.until(role_of(&jose_id, Role::Collaborator)).await;
    jose.ok(&call, share()).await;
    change(&house, &room, &jose_id, Some(RoomRole::Consumer)).await;
    maria.until(role_of(&jose_id, Role::Consumer)).await;
    assert_eq!(jose.refused(&call, share()).await.name, "viewOnly");
    let own = |event| match event {
        Event::Own { own } if own.role == Role::Consumer => Some(own),
        _ => None,
    };
    let own = jose.until(own).await;
    let mic = own.capabilities.into_iter().find(|one| one.name == CapabilityName::UnmuteMic);
    assert!(own.muted && mic.is_some_and(|one| !one.state.is_present));
}

#[tokio::test]
async fn a_room_that_closes_or_is_deleted_lets_everybody_go() {
    let house = House::open().await;
    let (maria_id, token) = house.guest().await;
    let soon = RoomDraft {
        valid_until: Some(house.app.now() + 2 * SECOND),
        people: vec![(maria_id.clone(), RoomRole::Attendee)],
        ..RoomDraft::default()
    };
    let closing = house.app.create_room(&soon, None).await.expect("a room");
    let deleted = room(&house, &[(&maria_id, RoomRole::Attendee)]).await;
    let (mut maria, _, _) = enters(&house, &token, into(&closing)).await;
    assert_eq!(maria.until(ended).await.sub_code, 5829);
    maria.join(into(&deleted), "").await.expect("another room");
    house.app.delete_room(&deleted.id).await.expect("deleted");
    assert_eq!(maria.until(ended).await.name, "meetingDeleted");
    assert_eq!(maria.join(into(&deleted), "").await.expect_err("gone").sub_code, 5732);
}

#[tokio::test]
async fn a_removal_from_a_room_survives_the_server_and_nothing_is_written_as_of_a_meeting() {
    let house = House::open().await;
    let ((maria_id, maria), (jose_id, jose)) = (house.guest().await, house.guest().await);
    let room = room(&house, &[(&maria_id, RoomRole::Presenter), (&jose_id, RoomRole::Attendee)]).await;
    let (mut maria, call, _) = enters(&house, &maria, into(&room)).await;
    let (mut jose_client, _, _) = enters(&house, &jose, into(&room)).await;
    maria.ok(&call, RequestBody::RemoveParticipant { participant: jose_id }).await;
    jose_client.until(ended).await;
    let key = house.app.call_key_of_room(&room.id);
    assert_eq!(house.app.attendance(&key).await.expect("facts"), []);
    let house = house.reopen().await;
    let mut jose = house.connect(&jose).await;
    assert_eq!(jose.join(into(&room), "").await.expect_err("removed").name, "removedBefore");
}

#[tokio::test]
async fn guests_who_know_the_guid_meet_in_a_group_call_and_all_are_equal() {
    let house = House::open().await;
    let ((maria_id, maria), (jose_id, jose)) = (house.guest().await, house.guest().await);
    let (mut maria, maria_call, told) = enters(&house, &maria, group(GROUP)).await;
    assert_eq!(
        (told.meeting.kind, told.meeting.group_id.as_deref()),
        (CallKind::Group, Some(GROUP))
    );
    assert_eq!(told.meeting.thread_id, "");
    // In another spelling it is the same call.
    let (mut jose, jose_call, told) = enters(&house, &jose, group(&GROUP.to_uppercase())).await;
    assert!(told.participants.iter().any(|one| one.id == maria_id));
    jose.ok(&jose_call, share()).await;
    assert_eq!(
        maria.refused(&maria_call, RequestBody::SetLocked { locked: true }).await.name,
        "notInThisKindOfCall"
    );
    maria.ok(&maria_call, RequestBody::RemoveParticipant { participant: jose_id }).await;
    assert_eq!(jose.until(ended).await.sub_code, 5300);
}

#[tokio::test]
async fn a_group_call_is_for_communication_identities_of_the_resource_and_has_a_guid() {
    let house = House::open().await;
    let mut member = house.connect(&house.member_token(0).await).await;
    let refusal = member.join(group(GROUP), "").await.expect_err("a member");
    assert_eq!(refusal.name, "groupForCommunicationUsers");
    let (_, guest) = house.guest().await;
    let mut guest = house.connect(&guest).await;
    for id in [
        "",
        "the-group",
        "29228d3e040e4656a70e890ab4e173e5",
        "29228d3e-040e-4656-a70e-890ab4e173e5x",
    ] {
        let refusal = guest.join(group(id), "").await.expect_err("no GUID");
        assert_eq!((refusal.code, refusal.name.as_str()), (400, "groupIdInvalid"), "{id}");
    }
    guest.join(group(GROUP), "").await.expect("a guest");
    // Somebody of another resource does not even get a connection.
    let now = house.app.now() / SECOND;
    let foreign = house.sign(serde_json::json!({
        "skypeid": "acs:00000000-0000-4000-8000-000000000000_00000000-0000-4000-8000-000000000001",
        "resourceId": "00000000-0000-4000-8000-000000000000",
        "acsScope": "voip",
        "iat": now,
        "exp": now + 3600,
    }));
    let refusal = house.connect_with(&foreign, Vec::new()).await.err().expect("refused");
    assert_eq!(refusal.name, "tokenForeign");
}

#[tokio::test]
async fn the_scope_voip_join_joins_a_group_call_and_does_not_begin_one() {
    let house = House::open().await;
    let identity = house.app.create_identity().await.expect("an identity");
    let token = house
        .app
        .issue_token(&identity.id, &[app::TokenScope::VoipJoin], None)
        .await
        .expect("a token");
    let mut joiner = house.connect(&token.token).await;
    let refusal = joiner.join(group(GROUP), "").await.expect_err("nobody is there");
    assert_eq!((refusal.code, refusal.sub_code), (403, 10012));
    let (_, maria) = house.guest().await;
    let (_maria, _, _) = enters(&house, &maria, group(GROUP)).await;
    joiner.join(group(GROUP), "").await.expect("somebody began it");
}

#[tokio::test]
async fn who_is_not_on_the_list_does_not_make_a_running_call_read_it_again_and_who_was_put_on_it_does() {
    let house = House::open().await;
    let ((maria_id, maria), (jose_id, jose), (_, stranger)) = (house.guest().await, house.guest().await, house.guest().await);
    let room = room(&house, &[(&maria_id, RoomRole::Presenter)]).await;
    let (mut maria, call, _) = enters(&house, &maria, into(&room)).await;
    // A change of which no word comes: made by another process on the same data.
    let elsewhere = house.reopen().await;
    change(&elsewhere, &room, &maria_id, Some(RoomRole::Consumer)).await;
    let mut stranger = house.connect(&stranger).await;
    for _ in 0..3 {
        assert_eq!(stranger.join(into(&room), "").await.expect_err("not listed").sub_code, 5828);
    }
    maria.ok(&call, RequestBody::Snapshot).await;
    assert_eq!(maria.until(snapshot).await.own.role, Role::Presenter, "nothing was read");
    change(&elsewhere, &room, &jose_id, Some(RoomRole::Attendee)).await;
    let (_jose, _, _) = enters(&house, &jose, into(&room)).await;
    maria.ok(&call, RequestBody::Snapshot).await;
    assert_eq!(maria.until(snapshot).await.own.role, Role::Consumer, "now it was");
}
