//! What belongs to a meeting besides its own properties: attendance, recordings, transcripts, the link for appointments.

use app::model::{AttendanceEvent, AttendanceFact};
use serde_json::{Value, json};

use crate::support::{Answer, ORIGIN, Server};

const MINE: &str = "/v1.0/me/onlineMeetings";
const SCOPE: &str = "OnlineMeetingArtifact.Read.All";
/// 2026-11-22T12:00:00Z.
const NOON: i64 = 1_795_348_800;

async fn happened(server: &Server, meeting: &Answer, held: &str, facts: &[(&str, AttendanceEvent, i64)]) {
    let facts: Vec<_> = facts
        .iter()
        .map(|(raw_id, event, second)| AttendanceFact {
            thread_id: meeting.text("/chatInfo/threadId").to_owned(),
            held_id: held.to_owned(),
            raw_id: (*raw_id).to_owned(),
            display_name: "Maria Schmidt".to_owned(),
            role: if raw_id.starts_with("8:orgid") { "Organizer" } else { "Attendee" }.to_owned(),
            event: *event,
            at: (NOON + second) * 1_000_000,
        })
        .collect();
    server.app.record_attendance(&facts).await.unwrap();
}

/// A meeting that was held once: the guest waits, comes, goes, and comes again.
async fn held(server: &Server) -> (Answer, String) {
    use AttendanceEvent::{Joined, Left, Waited};
    let meeting = server
        .schedule(json!({ "participants": { "attendees": [{ "upn": "ben.okafor@riverside.example", "role": "coorganizer" }] } }))
        .await;
    let anna = format!("8:orgid:{}", server.id(0));
    let guest = "8:acs:resource_guest";
    let facts = [
        (anna.as_str(), Joined, 0),
        (guest, Waited, 10),
        (guest, Joined, 70),
        (guest, Left, 100),
        (guest, Joined, 200),
        (guest, Left, 260),
        (anna.as_str(), Left, 300),
    ];
    happened(server, &meeting, "held", &facts).await;
    let path = format!("{MINE}/{}/attendanceReports", meeting.text("/id"));
    (meeting, path)
}

#[tokio::test]
async fn a_finished_meeting_has_one_report_with_everybodys_times_inside() {
    let server = Server::start().await;
    let (meeting, reports) = held(&server).await;
    let token = server.member(0, SCOPE);
    let list = server.get(&token, &reports).await;
    assert_eq!((list.status.as_u16(), list.body["value"].as_array().unwrap().len()), (200, 1));
    assert_eq!(list.body["value"][0]["totalParticipantCount"], 2);
    assert!(list.body["value"][0].get("attendanceRecords").is_none());
    assert_eq!(
        (list.text("/value/0/meetingStartDateTime"), list.text("/value/0/meetingEndDateTime")),
        ("2026-11-22T12:00:00Z", "2026-11-22T12:05:00Z")
    );
    let report = format!("{reports}/{}", list.text("/value/0/id"));
    let expanded = server.get(&token, &format!("{report}?$expand=attendanceRecords")).await;
    let records = server.get(&token, &format!("{report}/attendanceRecords")).await;
    assert_eq!(expanded.body["attendanceRecords"], records.body["value"]);
    let guest = &records.body["value"][1];
    assert_eq!(
        (&guest["totalAttendanceInSeconds"], &guest["role"]),
        (&json!(90), &json!("Attendee"))
    );
    assert_eq!(guest["attendanceIntervals"].as_array().unwrap().len(), 2);
    assert_eq!(
        guest["identity"]["@odata.type"],
        "#microsoft.graph.azureCommunicationServicesUserIdentity"
    );
    let anna = &records.body["value"][0];
    assert_eq!(
        (&anna["emailAddress"], &anna["role"], &anna["identity"]["id"]),
        (&json!("anna.berg@riverside.example"), &json!("Organizer"), &json!(server.id(0)))
    );
    let one = server
        .get(&token, &format!("{report}/attendanceRecords/{}", guest["id"].as_str().unwrap()))
        .await;
    assert_eq!(one.body["id"], guest["id"]);
    for (path, count) in [(format!("{reports}/$count"), 1), (format!("{report}/attendanceRecords/$count"), 2)] {
        assert_eq!(server.get(&token, &path).await.body, json!(count), "{path}");
    }
    let selected = server
        .get(&token, &format!("{reports}?$select=totalParticipantCount&$count=true"))
        .await;
    assert_eq!(selected.body["value"][0].as_object().unwrap().len(), 2);
    assert_eq!(selected.body["@odata.count"], 1);
    assert_eq!(meeting.status, 201);
}

#[tokio::test]
async fn reports_are_for_organizers_and_for_applications_with_the_permission() {
    let server = Server::start().await;
    let (meeting, reports) = held(&server).await;
    for token in [server.member(0, SCOPE), server.member(1, SCOPE)] {
        assert_eq!(server.get(&token, &reports).await.body["value"].as_array().unwrap().len(), 1);
    }
    for token in [server.organizer(), server.member(2, SCOPE)] {
        assert_eq!(server.get(&token, &reports).await.error(), (403, "Forbidden", None));
    }
    let program = server.application(&[SCOPE]);
    let of = |index: usize| format!("{}/{}/attendanceReports", server.meetings_of(index), meeting.text("/id"));
    assert_eq!(server.get(&program, &of(0)).await.status, 200);
    assert_eq!(server.get(&program, &of(1)).await.status, 200);
    assert_eq!(server.get(&program, &of(2)).await.error(), (404, "NotFound", None));
    assert_eq!(
        server.get(&server.application(&["OnlineMeetings.Read.All"]), &of(0)).await.error(),
        (403, "Forbidden", None)
    );
    assert_eq!(server.get(&server.member(1, SCOPE), &of(0)).await.error(), (403, "Forbidden", None));
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_nothing_can_be_written() {
    let server = Server::start().await;
    let (_, reports) = held(&server).await;
    let token = server.member(0, SCOPE);
    let report = server.get(&token, &reports).await.text("/value/0/id").to_owned();
    for path in [
        format!("{reports}/x"),
        format!("{reports}/x/attendanceRecords"),
        format!("{reports}/{report}/attendanceRecords/x"),
        format!("{MINE}/x/attendanceReports"),
    ] {
        assert_eq!(server.get(&token, &path).await.error(), (404, "NotFound", None), "{path}");
    }
    assert_eq!(
        server.call(&token, "POST", &reports, Some(json!({}))).await.error(),
        (405, "Request_BadRequest", None)
    );
    let silent = server.schedule(json!({})).await;
    let none = server
        .get(&token, &format!("{MINE}/{}/attendanceReports", silent.text("/id")))
        .await;
    assert_eq!(none.body["value"], json!([]));
}

#[tokio::test]
async fn several_reports_come_latest_first_and_page_by_page() {
    use AttendanceEvent::{Joined, Left};
    let server = Server::start().await;
    let meeting = server.schedule(json!({})).await;
    for (number, start) in [(1, 0), (2, 100), (3, 200)] {
        let facts = [("8:orgid:a", Joined, start), ("8:orgid:a", Left, start + number)];
        happened(&server, &meeting, &number.to_string(), &facts).await;
    }
    let token = server.member(0, SCOPE);
    let reports = format!("{MINE}/{}/attendanceReports", meeting.text("/id"));
    let first = server.get(&token, &format!("{reports}?$top=2")).await;
    assert_eq!(first.text("/value/0/meetingStartDateTime"), "2026-11-22T12:03:20Z");
    let next = first.text("/@odata.nextLink").strip_prefix(ORIGIN).unwrap();
    let rest = server.get(&token, next).await;
    assert_eq!(
        (
            rest.body["value"].as_array().unwrap().len(),
            rest.text("/value/0/meetingStartDateTime")
        ),
        (1, "2026-11-22T12:00:00Z")
    );
    assert!(rest.body.get("@odata.nextLink").is_none());
}

#[tokio::test]
async fn recordings_and_transcripts_are_empty_lists_for_whom_may_see_them() {
    let server = Server::start().await;
    let meeting = server.schedule(json!({})).await;
    for (name, permission) in [
        ("recordings", "OnlineMeetingRecording.Read.All"),
        ("transcripts", "OnlineMeetingTranscript.Read.All"),
    ] {
        let token = server.member(0, permission);
        let list = format!("{MINE}/{}/{name}", meeting.text("/id"));
        assert_eq!(server.get(&token, &list).await.body["value"], json!([]));
        assert_eq!(server.get(&token, &format!("{list}/$count")).await.body, json!(0));
        for path in [format!("{list}/x"), format!("{list}/x/content")] {
            assert_eq!(server.get(&token, &path).await.error(), (404, "NotFound", None), "{path}");
        }
        assert_eq!(server.get(&server.organizer(), &list).await.error(), (403, "Forbidden", None));
        assert_eq!(
            server.get(&server.member(1, permission), &list).await.error(),
            (403, "Forbidden", None)
        );
        let function = format!("getAll{}{}", name[..1].to_uppercase(), &name[1..]);
        let all = format!("{MINE}/{function}(meetingOrganizerUserId='{}')", server.id(0));
        assert_eq!(server.get(&token, &all).await.body["value"], json!([]));
        assert_eq!(server.get(&server.organizer(), &all).await.error(), (403, "Forbidden", None));
        let program = format!("{}/{}/{name}", server.meetings_of(0), meeting.text("/id"));
        assert_eq!(server.get(&server.application(&[permission]), &program).await.status, 200);
    }
}

#[tokio::test]
async fn a_transcript_is_listed_and_read_as_subtitles_by_whom_may_see_it() {
    let server = Server::start().await;
    let meeting = server.schedule(json!({})).await;
    for (name, text, second) in [("Maria <M>", "good morning", 0), ("Anna Berg", "hello --> there", 90)] {
        let line = app::transcripts::TranscriptLine {
            thread_id: meeting.text("/chatInfo/threadId").to_owned(),
            held_id: "11111111-1111-1111-1111-111111111111".to_owned(),
            raw_id: "8:acs:resource_guest".to_owned(),
            display_name: name.to_owned(),
            language: "en-us".to_owned(),
            text: text.to_owned(),
            began: (NOON + second) * 1_000_000,
            ended: (NOON + second + 2) * 1_000_000,
        };
        server.app.record_transcript(&line).await.unwrap();
    }
    let permission = "OnlineMeetingTranscript.Read.All";
    let token = server.member(0, permission);
    let list = format!("{MINE}/{}/transcripts", meeting.text("/id"));
    let listed = server.get(&token, &list).await;
    assert_eq!(listed.body["value"].as_array().unwrap().len(), 1);
    assert_eq!(server.get(&token, &format!("{list}/$count")).await.body, json!(1));
    let one = server.get(&token, &format!("{list}/{}", listed.text("/value/0/id"))).await;
    assert_eq!(one.text("/createdDateTime"), "2026-11-22T12:00:00Z");
    assert_eq!(one.text("/endDateTime"), "2026-11-22T12:01:32Z");
    assert_eq!(
        (one.text("/meetingId"), one.text("/meetingOrganizer/user/id")),
        (meeting.text("/id"), server.id(0))
    );
    let url = one.text("/transcriptContentUrl").strip_prefix(ORIGIN).unwrap().to_owned();
    let content = server.get(&token, &format!("{url}?$format=text/vtt")).await;
    let text = content.body.as_str().unwrap();
    assert_eq!(
        text,
        "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n<v Maria &lt;M&gt;>good morning</v>\n\n\
         00:01:30.000 --> 00:01:32.000\n<v Anna Berg>hello --&gt; there</v>\n"
    );
    let metadata = server
        .get(&token, &format!("{}/metadataContent", url.strip_suffix("/content").unwrap()))
        .await;
    let metadata = metadata.body.as_str().unwrap();
    assert!(
        metadata.contains("\"speakerName\":\"Anna Berg\"") && metadata.contains("hello --\\u003e there"),
        "{metadata}"
    );
    // Other formats, and other people.
    assert_eq!(server.get(&token, &format!("{url}?$format=application/pdf")).await.status, 400);
    assert_eq!(
        server.get(&server.member(1, permission), &url).await.error(),
        (403, "Forbidden", None)
    );
    assert_eq!(server.get(&server.organizer(), &url).await.error(), (403, "Forbidden", None));
    let program = url.replace("/me/", &format!("/users/{}/", server.id(0)));
    assert_eq!(server.get(&server.application(&[permission]), &program).await.status, 200);
    let other = server.schedule(json!({})).await;
    let elsewhere = format!("{MINE}/{}/transcripts", other.text("/id"));
    assert_eq!(server.get(&token, &elsewhere).await.body["value"], json!([]));
    let foreign = format!("{elsewhere}/{}/content", listed.text("/value/0/id"));
    assert_eq!(server.get(&token, &foreign).await.error(), (404, "NotFound", None));
}

#[tokio::test]
async fn the_link_for_an_appointment_is_given_in_both_spellings() {
    let server = Server::start().await;
    let meeting = server.schedule(json!({})).await;
    let name = "getVirtualAppointmentJoinWebUrl";
    let member = server.member(0, "VirtualAppointment.Read");
    let program = server.application(&["VirtualAppointment.ReadWrite.All"]);
    for (token, list) in [(&member, MINE.to_owned()), (&program, server.meetings_of(0))] {
        for spelling in [name.to_owned(), format!("{name}()"), format!("microsoft.graph.{name}()")] {
            let answer = server.get(token, &format!("{list}/{}/{spelling}", meeting.text("/id"))).await;
            assert_eq!(answer.text("/value"), meeting.text("/joinWebUrl"));
            assert_eq!(answer.text("/@odata.context"), format!("{ORIGIN}/v1.0/$metadata#Edm.String"));
        }
    }
    let path = format!("{MINE}/{}/{name}", meeting.text("/id"));
    assert_eq!(server.get(&server.organizer(), &path).await.error(), (403, "Forbidden", None));
    let stranger = server.member(2, "VirtualAppointment.Read");
    assert_eq!(server.get(&stranger, &path).await.error(), (403, "Forbidden", None));
    assert_eq!(
        server.get(&member, &format!("{MINE}/x/{name}")).await.error(),
        (404, "NotFound", None)
    );
    assert_eq!(meeting.body["attendanceReports"], Value::Null);
}
