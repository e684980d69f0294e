//! Surveys: kept, replaced, read by administrators over pages, forgotten.

mod support;

use app::Caller;
use app::permissions::SETTINGS_READ_WRITE;
use app::surveys::{KEPT_DAYS, Rating, SurveyDraft, SurveyError, SurveyFilter, SurveyedCall};
use support::{House, MINUTE, as_member};

fn administrator(house: &House) -> Caller {
    as_member(&house.clara(), &[SETTINGS_READ_WRITE])
}

fn call(session: usize) -> SurveyedCall {
    SurveyedCall {
        session: format!("session {session}"),
        raw_id: "8:acs:r_u".to_owned(),
        held_id: "held".to_owned(),
        kind: "meeting".to_owned(),
        key: "19:meeting_x@thread.v2".to_owned(),
    }
}

fn draft(score: u32) -> SurveyDraft {
    SurveyDraft {
        ratings: vec![Rating {
            subject: "overall".to_owned(),
            score,
            lower: 1,
            upper: 5,
            low_threshold: 3,
            issues: Vec::new(),
        }],
    }
}

#[tokio::test]
async fn a_second_survey_of_a_session_takes_the_place_of_the_first_and_a_bad_one_does_not() {
    let house = House::new().await;
    let first = house.app.submit_survey(call(1), draft(5)).await.unwrap();
    house.pass(MINUTE);
    assert_eq!(house.app.submit_survey(call(1), draft(1)).await.unwrap(), first);
    let refused = house.app.submit_survey(call(1), draft(6)).await;
    assert!(matches!(refused, Err(SurveyError::Invalid { .. })));
    let page = house
        .app
        .surveys(&administrator(&house), &SurveyFilter::default(), None, None)
        .await
        .unwrap();
    assert_eq!(page.surveys.len(), 1);
    assert_eq!((page.surveys[0].ratings[0].score, page.surveys[0].submitted), (1, house.app.now()));
}

#[tokio::test]
async fn administrators_read_them_page_by_page_and_nobody_else_does() {
    let house = House::new().await;
    for session in 0..5 {
        house.app.submit_survey(call(session), draft(3)).await.unwrap();
        house.pass(MINUTE);
    }
    let (administrator, all) = (administrator(&house), SurveyFilter::default());
    let (mut mark, mut seen) = (None, Vec::new());
    loop {
        let page = house.app.surveys(&administrator, &all, mark.as_deref(), Some(2)).await.unwrap();
        seen.extend(page.surveys.into_iter().map(|survey| survey.call.session));
        mark = page.next;
        if mark.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["session 4", "session 3", "session 2", "session 1", "session 0"]);
    for (mark, top) in [(Some("nonsense"), None), (None, Some(0)), (None, Some(501))] {
        assert!(
            house.app.surveys(&administrator, &all, mark, top).await.is_err(),
            "{mark:?} {top:?}"
        );
    }
    assert!(
        house
            .app
            .surveys(&as_member(&house.anna(), &[SETTINGS_READ_WRITE]), &all, None, None)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn surveys_are_forgotten_in_time() {
    let house = House::new().await;
    house.app.submit_survey(call(1), draft(3)).await.unwrap();
    house.pass(KEPT_DAYS * 24 * 60 * MINUTE);
    house.app.submit_survey(call(2), draft(3)).await.unwrap();
    house.app.sweep_surveys().await.unwrap();
    let count = async || {
        let page = house
            .app
            .surveys(&administrator(&house), &SurveyFilter::default(), None, None)
            .await;
        page.unwrap().surveys.len()
    };
    assert_eq!(count().await, 2);
    house.pass(MINUTE);
    house.app.sweep_surveys().await.unwrap();
    assert_eq!(count().await, 1);
}
