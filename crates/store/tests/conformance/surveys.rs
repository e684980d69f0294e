//! Surveys of calls.

use app::surveys::{Rating, Survey, SurveyFilter, SurveyMark, SurveyedCall};

use super::backend::Backend;

fn survey(id: &str, session: &str, submitted: i64) -> Survey {
    Survey {
        id: id.to_owned(),
        call: SurveyedCall {
            session: session.to_owned(),
            raw_id: "8:acs:r_u".to_owned(),
            held_id: format!("held-{session}"),
            kind: "meeting".to_owned(),
            key: "19:meeting_x@thread.v2".to_owned(),
        },
        submitted,
        ratings: vec![Rating {
            subject: "overall".to_owned(),
            score: 4,
            lower: 1,
            upper: 5,
            low_threshold: 3,
            issues: vec!["HadToRejoin".to_owned()],
        }],
    }
}

fn ids(surveys: &[Survey]) -> Vec<&str> {
    surveys.iter().map(|survey| survey.id.as_str()).collect()
}

pub(crate) async fn a_session_has_one_survey_and_a_second_takes_its_place_and_id(backend: &impl Backend) {
    let store = backend.open().await;
    assert_eq!(store.put_survey(&survey("a", "1", 10)).await.unwrap(), "a");
    let second = Survey {
        ratings: vec![Rating {
            score: 1,
            ..survey("b", "1", 20).ratings[0].clone()
        }],
        ..survey("b", "1", 20)
    };
    assert_eq!(store.put_survey(&second).await.unwrap(), "a");
    let kept = store.surveys(&SurveyFilter::default(), None, 9).await.unwrap();
    assert_eq!(
        kept,
        [Survey {
            id: "a".to_owned(),
            ..second
        }]
    );
    assert_eq!(store.put_survey(&survey("c", "2", 20)).await.unwrap(), "c");
    assert_eq!(store.surveys(&SurveyFilter::default(), None, 9).await.unwrap().len(), 2);
}

pub(crate) async fn surveys_are_listed_newest_first_over_pages_and_filters_and_swept_by_age(backend: &impl Backend) {
    let store = backend.open().await;
    for (id, session, at) in [("c", "1", 10), ("b", "2", 20), ("a", "3", 20), ("d", "4", 30)] {
        store.put_survey(&survey(id, session, at)).await.unwrap();
    }
    let other = SurveyedCall {
        key: "room:1".to_owned(),
        ..survey("e", "5", 40).call
    };
    let elsewhere = Survey {
        call: other,
        ..survey("e", "5", 40)
    };
    store.put_survey(&elsewhere).await.unwrap();
    let all = SurveyFilter::default();
    assert_eq!(ids(&store.surveys(&all, None, 9).await.unwrap()), ["e", "d", "a", "b", "c"]);
    let mark = SurveyMark {
        submitted: 20,
        id: "a".to_owned(),
    };
    assert_eq!(ids(&store.surveys(&all, Some(&mark), 9).await.unwrap()), ["b", "c"]);
    assert_eq!(ids(&store.surveys(&all, None, 2).await.unwrap()), ["e", "d"]);
    let there = SurveyFilter {
        key: Some("room:1".to_owned()),
        ..all.clone()
    };
    assert_eq!(store.surveys(&there, None, 9).await.unwrap(), [elsewhere]);
    let held = SurveyFilter {
        held_id: Some("held-4".to_owned()),
        ..all.clone()
    };
    assert_eq!(ids(&store.surveys(&held, None, 9).await.unwrap()), ["d"]);
    let between = SurveyFilter {
        from: Some(20),
        until: Some(30),
        ..all.clone()
    };
    assert_eq!(ids(&store.surveys(&between, None, 9).await.unwrap()), ["a", "b"]);
    store.sweep_surveys(20).await.unwrap();
    assert_eq!(ids(&store.surveys(&all, None, 9).await.unwrap()), ["e", "d", "a", "b"]);
}
