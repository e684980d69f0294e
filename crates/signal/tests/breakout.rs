//! Breakout rooms over real sockets: opened, joined through the one door, closed; what happens in the main meeting acts in the rooms.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use common::{Client, House, ended, snapshot, waits};
use wire::{BreakoutRoom, BreakoutState, Event, Locator, NewBreakoutRoom, RequestBody};

/// A member organizes, another member and a guest take part.
struct Scene {
    house: House,
    meeting: app::model::OnlineMeeting,
    anna: Client,
    anna_call: String,
    ben: Client,
    ben_call: String,
    maria: Client,
    maria_call: String,
    maria_id: String,
    ben_id: String,
}

async fn scene(guests_may: bool) -> Scene {
    let house = House::open().await;
    set_policy(&house, guests_may).await;
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    let anna_call = anna.join(house.link(&meeting), "").await.expect("joined").call;
    anna.until(snapshot).await;
    let mut ben = house.connect(&house.member_token(1).await).await;
    let ben_call = ben.join(house.link(&meeting), "").await.expect("joined").call;
    ben.until(snapshot).await;
    let (maria_id, token) = house.guest().await;
    let mut maria = house.connect(&token).await;
    let maria_call = maria.join(house.link(&meeting), "Maria").await.expect("waits").call;
    anna.until(waits).await;
    anna.ok(&anna_call, RequestBody::Admit { participants: vec![] }).await;
    maria.until(snapshot).await;
    let ben_id = format!("8:orgid:{}", house.accounts.members[1].member.id);
    let plan = RequestBody::PlanBreakoutRooms {
        rooms: vec![room("Blue", &[&maria_id]), room("Red", &[&ben_id])],
        auto_move: true,
        return_disabled: false,
        seconds: Some(600),
    };
    anna.ok(&anna_call, plan).await;
    Scene {
        house,
        meeting,
        anna,
        anna_call,
        ben,
        ben_call,
        maria,
        maria_call,
        maria_id,
        ben_id,
    }
}

fn room(name: &str, invitees: &[&str]) -> NewBreakoutRoom {
    NewBreakoutRoom {
        name: name.to_owned(),
        invitees: invitees.iter().map(|id| (*id).to_owned()).collect(),
    }
}

async fn set_policy(house: &House, guests_may: bool) {
    let policy = meeting::MeetingPolicy {
        guest_breakout_rooms: guests_may,
        ..meeting::MeetingPolicy::default()
    };
    let changed = house.app.update_settings(&house.administrator(), None, Some(policy)).await;
    changed.expect("changed");
}

fn breakout(event: Event) -> Option<BreakoutState> {
    match event {
        Event::Breakout { breakout } => Some(breakout),
        _ => None,
    }
}

fn opened(event: Event) -> Option<BreakoutRoom> {
    breakout(event)?.assigned.filter(|room| room.open)
}

fn at(call: &str, room: &str) -> Locator {
    Locator::Breakout {
        call: call.to_owned(),
        room_id: room.to_owned(),
    }
}

impl Scene {
    async fn open(&mut self) {
        self.anna.ok(&self.anna_call, RequestBody::OpenBreakoutRooms).await;
    }

    /// Maria, told of her room, comes into it; gives the call.
    async fn maria_enters(&mut self) -> String {
        let own = self.maria.until_in(&self.maria_call, opened).await;
        let joined = self.maria.join(at(&self.maria_call, &own.id), "Maria").await.expect("her room");
        assert!(!joined.waiting, "the lobby was passed in the main meeting");
        self.maria.until_in(&joined.call, snapshot).await;
        joined.call
    }

    /// Anna, who manages, comes into the first room.
    async fn anna_enters(&mut self) -> String {
        let joined = self.anna.join(at(&self.anna_call, "1-1"), "").await.expect("who manages may");
        self.anna.until_in(&joined.call, snapshot).await;
        joined.call
    }
}

#[tokio::test]
async fn who_is_assigned_comes_in_when_it_opens_and_nobody_else() {
    let mut scene = scene(true).await;
    // Not before.
    let early = scene.maria.join(at(&scene.maria_call, "1-1"), "Maria").await.expect_err("closed");
    assert_eq!(early.name, "breakoutRoomNotOpen");
    scene.open().await;
    let own = scene.maria.until_in(&scene.maria_call, opened).await;
    assert_eq!(
        (own.name.as_str(), own.invitees.as_slice()),
        ("Blue", [scene.maria_id.clone()].as_slice())
    );
    let other = scene.maria.join(at(&scene.maria_call, "1-2"), "Maria").await.expect_err("not hers");
    assert_eq!(
        other.name, "breakoutRoomNotOpen",
        "who is not assigned does not hear that it is open"
    );
    let unknown = scene
        .maria
        .join(at(&scene.maria_call, "7-7"), "Maria")
        .await
        .expect_err("no such room");
    assert_eq!(unknown.name, "breakoutRoomNotOpen");
    let joined = scene
        .maria
        .join(at(&scene.maria_call, &own.id), "The organizer")
        .await
        .expect("her room");
    let state = scene.maria.until_in(&joined.call, snapshot).await;
    assert_eq!(state.own.display_name, "Maria", "the name of the main meeting");
    assert_eq!((state.meeting.subject.as_str(), state.meeting.thread_id.as_str()), ("Blue", ""));
    assert_eq!(state.breakout.main_thread_id.as_deref(), Some(scene.meeting.thread_id.as_str()));
    assert!(state.breakout.ends.is_some());
    assert_eq!(state.participants.len(), 1, "who is in the main meeting is not in the room");
    // Somebody of the same house who is not in the meeting, with the name of a call of it.
    let mut carol = scene.house.connect(&scene.house.member_token(2).await).await;
    let stranger = carol.join(at(&scene.anna_call, "1-1"), "").await.expect_err("not inside");
    assert_eq!(stranger.name, "breakoutRoomNotOpen");
    // Who manages may.
    scene.anna_enters().await;
}

#[tokio::test]
async fn a_guest_hears_nothing_of_rooms_and_is_refused_by_default_and_moved_out_when_the_policy_closes() {
    let mut scene = scene(false).await;
    scene.open().await;
    scene.ben.until_in(&scene.ben_call, opened).await;
    let refused = scene
        .maria
        .join(at(&scene.maria_call, "1-1"), "Maria")
        .await
        .expect_err("members only");
    assert_eq!(refused.name, "breakoutRoomNotOpen", "why not is in the capabilities");
    assert!(!scene.maria.raw.join("\n").contains("Blue"), "not even the room's name");
    // The twin.
    set_policy(&scene.house, true).await;
    let call = scene.maria_enters().await;
    set_policy(&scene.house, false).await;
    assert_eq!(scene.maria.until_in(&call, ended).await.name, "breakoutRoomsForMembersOnly");
    let hidden = scene.maria.until_in(&scene.maria_call.clone(), breakout).await;
    assert_eq!(hidden.assigned, None);
}

#[tokio::test]
async fn closing_ends_the_rooms_with_the_documented_reason_after_the_main_meeting_was_told() {
    let mut scene = scene(true).await;
    scene.open().await;
    let call = scene.maria_enters().await;
    scene.anna.ok(&scene.anna_call, RequestBody::CloseBreakoutRooms).await;
    let mut told = false;
    let reason = loop {
        match scene.maria.event().await {
            Event::Breakout { breakout } => told = breakout.assigned.is_some_and(|room| !room.open),
            Event::Ended { reason } => break reason,
            _ => {}
        }
    };
    assert!(told, "the main meeting says it first, so that the client knows what the end means");
    assert_eq!(
        (reason.code, reason.sub_code, reason.name.as_str()),
        (0, 5030, "breakoutRoomClosed")
    );
    assert_eq!(scene.maria.refused(&call, RequestBody::Snapshot).await.name, "noSuchCall");
    // The main call is as it was.
    scene.maria.ok(&scene.maria_call, RequestBody::Snapshot).await;
    let again = scene.maria.join(at(&scene.maria_call, "1-1"), "Maria").await.expect_err("closed");
    assert_eq!(again.name, "breakoutRoomNotOpen");
}

#[tokio::test]
async fn nobody_finds_out_by_asking_whether_rooms_are_open() {
    let mut scene = scene(true).await;
    let (_, token) = scene.house.guest().await;
    let mut jose = scene.house.connect(&token).await;
    let jose_call = jose.join(scene.house.link(&scene.meeting), "Jose").await.expect("waits").call;
    // Who waits, with the own call and with others' calls; who is inside and assigned elsewhere; whoever names a call of somebody else.
    let mut seen = Vec::new();
    for open in [false, true] {
        if open {
            scene.open().await;
            scene.maria.until_in(&scene.maria_call.clone(), opened).await;
        }
        let mut answers = Vec::new();
        for room in ["1-1", "1-2", "7-7"] {
            for call in [&jose_call, &scene.anna_call, &scene.maria_call] {
                answers.push(jose.join(at(call, room), "Jose").await.expect_err("he waits"));
            }
            answers.push(
                scene
                    .maria
                    .join(at(&scene.anna_call, room), "Maria")
                    .await
                    .expect_err("not her call"),
            );
        }
        answers.push(scene.maria.join(at(&scene.maria_call, "1-2"), "Maria").await.expect_err("not hers"));
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
    assert!(seen[1].iter().all(|refusal| refusal.name == "breakoutRoomNotOpen"));
    // The twin: who is assigned, by the own call.
    scene.maria.join(at(&scene.maria_call, "1-1"), "Maria").await.expect("her room");
}

#[tokio::test]
async fn rooms_close_when_their_time_is_over() {
    let mut scene = scene(true).await;
    let plan = RequestBody::PlanBreakoutRooms {
        rooms: vec![room("Short", &[&scene.maria_id])],
        auto_move: true,
        return_disabled: false,
        seconds: Some(2),
    };
    scene.anna.ok(&scene.anna_call, plan).await;
    scene.open().await;
    let call = scene.maria_enters().await;
    assert_eq!(scene.maria.until_in(&call, ended).await.sub_code, 5030);
}

#[tokio::test]
async fn who_is_removed_from_the_main_meeting_or_moved_is_out_of_the_room() {
    let mut scene = scene(true).await;
    scene.open().await;
    let call = scene.maria_enters().await;
    let moved = RequestBody::AssignBreakoutRoom {
        participant: scene.maria_id.clone(),
        room_id: Some("1-2".to_owned()),
    };
    scene.anna.ok(&scene.anna_call, moved).await;
    assert_eq!(scene.maria.until_in(&call, ended).await.name, "breakoutRoomNotYours");
    let now = scene
        .maria
        .join(at(&scene.maria_call, "1-2"), "Maria")
        .await
        .expect("the other room")
        .call;
    scene.maria.until_in(&now, snapshot).await;
    let remove = RequestBody::RemoveParticipant {
        participant: scene.maria_id.clone(),
    };
    scene.anna.ok(&scene.anna_call, remove).await;
    assert_eq!(scene.maria.until_in(&now, ended).await.name, "breakoutRoomNotYours");
    assert_eq!(scene.maria.until_in(&scene.maria_call.clone(), ended).await.name, "removed");
    assert!(scene.ben_id.starts_with("8:orgid:"));
}

#[tokio::test]
async fn a_revoked_token_ends_both_calls() {
    let mut scene = scene(true).await;
    scene.open().await;
    scene.maria_enters().await;
    let room = scene.anna_enters().await;
    scene.house.app.revoke_tokens(&scene.maria_id).await.expect("revoked");
    assert_eq!(scene.maria.closed().await.expect("a reason").name, "tokenRevoked");
    let maria = scene.maria_id.clone();
    let gone = |event: Event| match event {
        Event::Participants { left, .. } => left.into_iter().find(|left| left.id == maria),
        _ => None,
    };
    scene.anna.until_in(&room, gone).await;
    scene.anna.until_in(&scene.anna_call.clone(), gone).await;
}

#[tokio::test]
async fn a_meeting_that_ends_or_is_deleted_ends_its_rooms() {
    for delete in [false, true] {
        let mut scene = scene(true).await;
        scene.open().await;
        let call = scene.maria_enters().await;
        if delete {
            let id = app::links::graph_id(&scene.meeting.organizer_id, &scene.meeting.thread_id);
            let organizer = scene.house.accounts.members[0].member.id.clone();
            let deleted = scene.house.app.delete_meeting(&scene.house.caller(0), &organizer, &id).await;
            deleted.expect("deleted");
        } else {
            scene.anna.ok(&scene.anna_call, RequestBody::Leave { for_everyone: true }).await;
        }
        assert_eq!(scene.maria.until_in(&call, ended).await.name, "breakoutRoomClosed");
        let main = scene.maria.until_in(&scene.maria_call.clone(), ended).await.name;
        assert_eq!(main, if delete { "meetingDeleted" } else { "meetingEnded" });
    }
}

#[tokio::test]
async fn an_option_changed_while_people_are_in_rooms_acts_there() {
    let mut scene = scene(true).await;
    scene.open().await;
    let call = scene.maria_enters().await;
    let patch = app::MeetingPatch {
        edit_options: Some(Box::new(|options| options.allow_anonymous_join = false)),
        ..app::MeetingPatch::default()
    };
    let id = app::links::graph_id(&scene.meeting.organizer_id, &scene.meeting.thread_id);
    let organizer = scene.house.accounts.members[0].member.id.clone();
    let changed = scene.house.app.update_meeting(&scene.house.caller(0), &organizer, &id, patch).await;
    changed.expect("changed");
    assert_eq!(scene.maria.until_in(&call, ended).await.name, "anonymousJoinDisabledByOption");
}

#[tokio::test]
async fn a_message_to_all_rooms_is_heard_in_them() {
    let mut scene = scene(true).await;
    scene.open().await;
    let call = scene.maria_enters().await;
    let text = "Ten minutes left".to_owned();
    scene
        .anna
        .ok(&scene.anna_call, RequestBody::BroadcastToBreakoutRooms { text: text.clone() })
        .await;
    let heard = |event: Event| match event {
        Event::Broadcast { text, .. } => Some(text),
        _ => None,
    };
    assert_eq!(scene.maria.until_in(&call, heard).await, text);
    assert_eq!(scene.anna.until_in(&scene.anna_call.clone(), heard).await, text);
    let refused = scene
        .maria
        .refused(&scene.maria_call, RequestBody::BroadcastToBreakoutRooms { text })
        .await;
    assert_eq!(refused.name, "roleForbidsBreakoutRooms");
}

#[tokio::test]
async fn rooms_leave_no_attendance_and_no_chat_of_their_own() {
    let mut scene = scene(true).await;
    scene.open().await;
    scene.maria_enters().await;
    scene.anna_enters().await;
    let facts = scene.house.app.attendance(&scene.meeting.thread_id).await.expect("facts");
    let joined = facts
        .iter()
        .filter(|fact| fact.event == app::model::AttendanceEvent::Joined)
        .count();
    assert_eq!(joined, 3, "each person once: {facts:?}");
    assert!(
        !scene.maria.raw.join("\n").contains("19:breakout"),
        "the key of a room is the server's own"
    );
}

#[tokio::test]
async fn a_room_call_survives_a_lost_socket() {
    let mut scene = scene(true).await;
    scene.open().await;
    let own = scene.ben.until_in(&scene.ben_call.clone(), opened).await;
    let joined = scene.ben.join(at(&scene.ben_call, &own.id), "").await.expect("his room");
    scene.ben.until_in(&joined.call, snapshot).await;
    let token = scene.house.member_token(1).await;
    let resume = vec![wire::ResumeCall {
        call: joined.call.clone(),
        ticket: joined.resume_ticket,
    }];
    scene.ben.vanish();
    let mut ben = scene.house.connect_with(&token, resume).await.expect("back");
    assert_eq!(ben.welcome.as_ref().expect("a welcome").resumed.len(), 1);
    let state = ben.until_in(&joined.call, snapshot).await;
    assert_eq!(state.meeting.subject, "Red");
}
