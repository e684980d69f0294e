//! Lines of transcripts.

use app::transcripts::{Transcript, TranscriptLine};

use super::backend::Backend;

fn line(held: &str, text: &str, began: i64) -> TranscriptLine {
    TranscriptLine {
        thread_id: "19:meeting_x@thread.v2".to_owned(),
        held_id: held.to_owned(),
        raw_id: "8:acs:r_u".to_owned(),
        display_name: "Maria".to_owned(),
        language: "en-us".to_owned(),
        text: text.to_owned(),
        began,
        ended: began + 5,
    }
}

pub(crate) async fn lines_come_back_in_their_order_by_held_meeting_the_latest_first(backend: &impl Backend) {
    let store = backend.open().await;
    let lines = [
        line("a", "one", 10),
        line("b", "three", 50),
        line("a", "two", 8),
        line("a", "two", 8),
    ];
    for line in &lines {
        assert!(store.add_transcript_line(line, 9).await.unwrap());
    }
    let elsewhere = TranscriptLine {
        thread_id: "19:meeting_y@thread.v2".to_owned(),
        ..line("c", "four", 90)
    };
    store.add_transcript_line(&elsewhere, 9).await.unwrap();
    let thread = &lines[0].thread_id;
    let transcript = |held_id: &str, began, ended| Transcript {
        held_id: held_id.to_owned(),
        began,
        ended,
    };
    assert_eq!(
        store.transcripts(thread).await.unwrap(),
        [transcript("b", 50, 55), transcript("a", 8, 15)]
    );
    let kept = store.transcript_lines(thread, "a").await.unwrap();
    assert_eq!(
        kept,
        [lines[0].clone(), lines[2].clone(), lines[3].clone()],
        "as they were appended, the same twice"
    );
    assert_eq!(store.transcript_lines(thread, "c").await.unwrap(), []);
    assert_eq!(store.transcripts("19:meeting_z@thread.v2").await.unwrap(), []);
}

pub(crate) async fn a_full_transcript_takes_no_line_and_another_one_does(backend: &impl Backend) {
    let store = backend.open().await;
    assert!(store.add_transcript_line(&line("a", "one", 1), 2).await.unwrap());
    assert!(store.add_transcript_line(&line("a", "two", 2), 2).await.unwrap());
    assert!(!store.add_transcript_line(&line("a", "three", 3), 2).await.unwrap());
    assert!(store.add_transcript_line(&line("b", "one", 4), 2).await.unwrap());
    assert_eq!(store.transcript_lines(&line("a", "", 0).thread_id, "a").await.unwrap().len(), 2);
}
