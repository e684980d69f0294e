//! Surveys over real sockets: whoever was in a call says how it was, also when it is over, and nobody else does.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use app::surveys::{Survey, SurveyFilter};
use common::{Client, House, ended};
use wire::{Locator, Outcome, Refusal, Reply, RequestBody, SurveyRating};

fn group() -> Locator {
    Locator::Group {
        group_id: "29228d3e-040e-4656-a70e-890ab4e173e5".to_owned(),
    }
}

fn rating(score: u32) -> SurveyRating {
    SurveyRating {
        subject: "overall".to_owned(),
        score,
        lower: 1,
        upper: 5,
        low_threshold: 3,
        issues: vec!["HadToRejoin".to_owned()],
    }
}

async fn submit(client: &mut Client, session: &str, ratings: Vec<SurveyRating>) -> Result<String, Refusal> {
    let session = session.to_owned();
    match client.request(None, RequestBody::SubmitSurvey { session, ratings }).await {
        Outcome::Ok {
            reply: Reply::Survey { id },
        } => Ok(id),
        Outcome::Ok { reply } => panic!("no survey: {reply:?}"),
        Outcome::Refused { refusal } => Err(refusal),
    }
}

async fn kept(house: &House) -> Vec<Survey> {
    let page = house
        .app
        .surveys(&house.administrator(), &SurveyFilter::default(), None, None)
        .await;
    page.expect("an administrator reads them").surveys
}

#[tokio::test]
async fn a_survey_is_kept_after_the_call_ended_and_a_second_one_takes_its_place() {
    let house = House::open().await;
    let (id, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    let joined = guest.join(group(), "Maria").await.expect("a call");
    guest.ok(&joined.call, RequestBody::Leave { for_everyone: false }).await;
    guest.until(ended).await;
    let first = submit(&mut guest, &joined.session, vec![rating(5)]).await.expect("kept");
    let second = submit(&mut guest, &joined.session, vec![rating(1)]).await.expect("kept");
    assert_eq!(first, second);
    let surveys = kept(&house).await;
    assert_eq!(surveys.len(), 1);
    assert_eq!(
        (surveys[0].call.raw_id.as_str(), surveys[0].call.kind.as_str()),
        (id.as_str(), "group")
    );
    assert_eq!(
        (surveys[0].call.session.as_str(), surveys[0].ratings[0].score),
        (joined.session.as_str(), 1)
    );
}

#[tokio::test]
async fn nobody_speaks_for_the_session_of_somebody_else_or_for_none() {
    let house = House::open().await;
    let ((_, maria), (_, jose)) = (house.guest().await, house.guest().await);
    let (mut maria, mut jose) = (house.connect(&maria).await, house.connect(&jose).await);
    let joined = maria.join(group(), "Maria").await.expect("a call");
    for session in [joined.session.as_str(), "", "no session"] {
        let refusal = submit(&mut jose, session, vec![rating(1)]).await.expect_err("not theirs");
        assert_eq!((refusal.code, refusal.name.as_str()), (404, "surveySessionUnknown"));
    }
    assert_eq!(kept(&house).await, []);
    submit(&mut maria, &joined.session, vec![rating(1)])
        .await
        .expect("her own, and still inside");
}

#[tokio::test]
async fn a_survey_that_breaks_a_rule_is_not_kept() {
    let house = House::open().await;
    let (_, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    let joined = guest.join(group(), "Maria").await.expect("a call");
    let with = |change: fn(&mut SurveyRating)| {
        let mut one = rating(3);
        change(&mut one);
        vec![one]
    };
    for ratings in [
        Vec::new(),
        vec![rating(3), rating(3)],
        vec![rating(6)],
        with(|one| one.subject = "smell".to_owned()),
        with(|one| one.issues = vec!["x".repeat(10_000)]),
        with(|one| one.upper = u32::MAX),
    ] {
        let refusal = submit(&mut guest, &joined.session, ratings).await.expect_err("not as it must be");
        assert_eq!((refusal.code, refusal.name.as_str()), (400, "surveyInvalid"));
    }
    assert_eq!(kept(&house).await, []);
    submit(&mut guest, &joined.session, vec![rating(3)]).await.expect("as it must be");
}

#[tokio::test]
async fn who_waited_in_vain_may_say_so_and_only_administrators_read_it() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let (_, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    let joined = guest.join(house.link(&meeting), "Maria").await.expect("waits");
    assert!(joined.waiting);
    submit(&mut guest, &joined.session, vec![rating(1)]).await.expect("kept");
    assert_eq!(kept(&house).await[0].call.key, meeting.thread_id);
    let refused = house.app.surveys(&house.caller(0), &SurveyFilter::default(), None, None).await;
    assert!(refused.is_err());
}
