//! The chat of a meeting follows the meeting: who is admitted is in it before they are told that they are in, who is out is out of it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use app::{
    chat::{ChatAccess, ChatCaller, ChatError, MessageDraft},
    model::{AttendanceEvent, OnlineMeeting},
};
use common::{Client, House, ended, snapshot, waits};
use wire::{Event, RequestBody};

/// A meeting with its organizer inside, and a guest who waits.
struct Scene {
    house: House,
    meeting: OnlineMeeting,
    anna: Client,
    anna_call: String,
    guest: Client,
    guest_id: String,
    guest_call: String,
}

impl Scene {
    async fn open() -> Self {
        let house = House::open().await;
        let meeting = house.schedule().await;
        let mut anna = house.connect(&house.member_token(0).await).await;
        let anna_call = anna.join(house.link(&meeting), "").await.expect("the organizer joins").call;
        anna.until(snapshot).await;
        let (guest_id, token) = house.guest().await;
        let mut guest = house.connect(&token).await;
        let guest_call = guest.join(house.link(&meeting), "Maria").await.expect("the guest waits").call;
        assert_eq!(anna.until(waits).await, guest_id);
        Self {
            house,
            meeting,
            anna,
            anna_call,
            guest,
            guest_id,
            guest_call,
        }
    }

    async fn admit(&mut self) {
        let participants = vec![self.guest_id.clone()];
        self.anna.ok(&self.anna_call, RequestBody::Admit { participants }).await;
        self.guest.until(snapshot).await;
    }

    fn organizer(&self) -> String {
        format!("8:orgid:{}", self.meeting.organizer_id)
    }

    async fn say(&self, who: &str, text: &str) -> Result<(), ChatError> {
        let draft = MessageDraft {
            content: text.to_owned(),
            ..MessageDraft::default()
        };
        let app = &self.house.app;
        app.send_chat_message(&caller(who), &self.meeting.thread_id, draft).await.map(drop)
    }

    /// What somebody reads in the chat, oldest first; the texts of people only.
    async fn read(&self, who: &str) -> Result<Vec<String>, ChatError> {
        let messages = self
            .house
            .app
            .chat_messages(&caller(who), &self.meeting.thread_id, 0, None, 100)
            .await?;
        let written = messages.into_iter().rev().filter(|message| !message.content.is_empty());
        Ok(written
            .filter(|message| message.kind == app::model::MessageKind::Text)
            .map(|message| message.content)
            .collect())
    }
}

fn caller(raw_id: &str) -> ChatCaller {
    ChatCaller {
        raw_id: raw_id.to_owned(),
        access: ChatAccess::Limited,
        display_name: None,
        expires: i64::MAX,
        token_issued: 0,
        client_id: None,
    }
}

fn nothing<T: std::fmt::Debug>(result: Result<T, ChatError>) {
    assert!(
        matches!(result, Err(ChatError::NoThread | ChatError::Forbidden { .. })),
        "{result:?}"
    );
}

#[tokio::test]
async fn a_guest_has_the_chat_from_their_admission_on_and_nothing_from_before() {
    let mut scene = Scene::open().await;
    let (organizer, guest) = (scene.organizer(), scene.guest_id.clone());
    scene.say(&organizer, "before").await.expect("the organizer writes");
    nothing(scene.read(&guest).await);
    nothing(scene.say(&guest, "may I").await);
    let told = scene.guest.raw.join("\n");
    assert!(
        !told.contains(&scene.meeting.thread_id),
        "a waiting guest learned the thread: {told}"
    );

    scene.admit().await;
    // The snapshot has just been read: the membership was there before it.
    scene.say(&guest, "hello").await.expect("an admitted guest writes");
    scene.say(&organizer, "welcome").await.expect("the organizer answers");
    assert_eq!(scene.read(&guest).await.expect("a member reads"), ["hello", "welcome"]);
    assert_eq!(
        scene.read(&organizer).await.expect("a member reads"),
        ["before", "hello", "welcome"]
    );
}

#[tokio::test]
async fn a_removed_guest_writes_no_more_and_reads_no_more() {
    let mut scene = Scene::open().await;
    let (organizer, guest) = (scene.organizer(), scene.guest_id.clone());
    scene.admit().await;
    scene.say(&guest, "hello").await.expect("an admitted guest writes");
    let participant = guest.clone();
    scene
        .anna
        .ok(&scene.anna_call, RequestBody::RemoveParticipant { participant })
        .await;
    nothing(scene.say(&guest, "again").await);
    scene.guest.until(ended).await;
    scene.say(&organizer, "among us").await.expect("the organizer writes");
    nothing(scene.read(&guest).await);
    assert_eq!(scene.read(&organizer).await.expect("a member reads"), ["hello", "among us"]);
}

#[tokio::test]
async fn a_guest_who_leaves_and_comes_back_sees_only_what_is_written_from_then_on() {
    let mut scene = Scene::open().await;
    let (organizer, guest) = (scene.organizer(), scene.guest_id.clone());
    scene.admit().await;
    scene.say(&guest, "hello").await.expect("an admitted guest writes");
    scene.guest.ok(&scene.guest_call, RequestBody::Leave { for_everyone: false }).await;
    nothing(scene.say(&guest, "from outside").await);
    scene.say(&organizer, "meanwhile").await.expect("the organizer writes");
    scene.guest.until(ended).await;

    let locator = scene.house.link(&scene.meeting);
    let joined = scene.guest.join(locator, "Maria").await.expect("waits again");
    assert!(joined.waiting);
    nothing(scene.say(&guest, "from the lobby").await);
    scene.anna.until(waits).await;
    scene.admit().await;
    scene.say(&guest, "back").await.expect("an admitted guest writes");
    assert_eq!(scene.read(&guest).await.expect("a member reads"), ["back"]);
}

#[tokio::test]
async fn a_denied_guest_never_has_the_chat() {
    let mut scene = Scene::open().await;
    let participants = vec![scene.guest_id.clone()];
    scene.anna.ok(&scene.anna_call, RequestBody::Reject { participants }).await;
    scene.guest.until(ended).await;
    nothing(scene.read(&scene.guest_id).await);
    nothing(scene.say(&scene.guest_id, "let me in").await);
}

#[tokio::test]
async fn a_lost_connection_does_not_cost_the_chat() {
    let mut scene = Scene::open().await;
    scene.admit().await;
    let guest = scene.guest_id.clone();
    let gone = std::mem::replace(&mut scene.guest, scene.house.socket().await);
    gone.vanish();
    let reconnecting = |event| match event {
        Event::Participants { upserted, .. } => upserted.into_iter().find(|participant| participant.reconnecting),
        _ => None,
    };
    scene.anna.until(reconnecting).await;
    scene.say(&guest, "still here").await.expect("who may come back is still in");
}

#[tokio::test]
async fn the_end_of_the_meeting_takes_everybody_out_who_is_not_invited() {
    let mut scene = Scene::open().await;
    scene.admit().await;
    // A colleague who was not invited comes, and leaves: they keep the chat until the end.
    let colleague = format!("8:orgid:{}", scene.house.accounts.members[1].member.id);
    let mut ben = scene.house.connect(&scene.house.member_token(1).await).await;
    let call = ben
        .join(scene.house.link(&scene.meeting), "")
        .await
        .expect("a colleague joins")
        .call;
    ben.until(snapshot).await;
    ben.ok(&call, RequestBody::Leave { for_everyone: false }).await;
    scene
        .say(&colleague, "see you")
        .await
        .expect("a colleague writes while the meeting is held");

    scene.anna.ok(&scene.anna_call, RequestBody::Leave { for_everyone: true }).await;
    scene.guest.until(ended).await;
    nothing(scene.say(&scene.guest_id, "after").await);
    nothing(scene.say(&colleague, "after").await);
    scene
        .say(&scene.organizer(), "minutes follow")
        .await
        .expect("the organizer keeps the chat");
}

#[tokio::test]
async fn the_stop_of_the_server_leaves_members_and_the_next_start_takes_them_out() {
    let mut scene = Scene::open().await;
    scene.admit().await;
    scene.say(&scene.guest_id, "hello").await.expect("an admitted guest writes");
    scene.house.hub.stop().await;
    scene
        .say(&scene.guest_id, "while it stops")
        .await
        .expect("a stop is no end of the meeting");
    scene.house = scene.house.reopen().await;
    scene.house.app.close_abandoned_meeting_chats().await.expect("a start");
    nothing(scene.say(&scene.guest_id, "after the start").await);
    scene
        .say(&scene.organizer(), "after the start")
        .await
        .expect("the organizer keeps the chat");
}

#[tokio::test]
async fn time_in_the_lobby_is_written_down_before_the_time_in_the_meeting() {
    let mut scene = Scene::open().await;
    scene.admit().await;
    let facts = scene.house.app.attendance(&scene.meeting.thread_id).await.expect("attendance");
    let of_guest: Vec<(AttendanceEvent, &str)> = facts
        .iter()
        .filter(|fact| fact.raw_id == scene.guest_id)
        .map(|fact| (fact.event, fact.display_name.as_str()))
        .collect();
    assert_eq!(of_guest, [(AttendanceEvent::Waited, "Maria"), (AttendanceEvent::Joined, "Maria")]);
    assert!(
        facts
            .iter()
            .filter(|fact| fact.raw_id == scene.organizer())
            .all(|fact| fact.event != AttendanceEvent::Waited)
    );
}
