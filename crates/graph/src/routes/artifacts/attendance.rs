//! Reports of attendance and their records. A report shows its records inside when `$expand` asks for them, in lists as well.

use app::attendance::{AttendanceRecord, AttendanceReport, AttendanceSummary, ReadAttendance};

use super::Meeting;
use crate::{
    dispatch::Reply,
    error::GraphError,
    routes::{Call, online_meetings::refused},
    shape::attendance as shape,
};

const REPORTS: &str = "attendanceReports";
const RECORDS: &str = "attendanceRecords";

pub(super) async fn list(call: &Call<'_>, meeting: Meeting<'_>) -> Result<Reply, GraphError> {
    let tenant_id = tenant_id(call)?;
    let all = summaries(call, meeting).await?;
    let mut items = call.items();
    let mut read = ReadAttendance::default();
    for summary in all.iter().skip(call.query.skip) {
        if items.is_full() {
            break;
        }
        let mut object = shape::report(summary);
        if call.query.expands(RECORDS) {
            let report = call.app.attendance_report_of(summary, &mut read).await.map_err(refused)?;
            let records = report.map(|report| report.records).unwrap_or_default();
            object.insert(RECORDS.to_owned(), shape::records(&records, &tenant_id));
        }
        items.push(call.selected(object, &[RECORDS]));
    }
    let more = call.query.skip.saturating_add(items.len()) < all.len();
    let path = meeting.path(REPORTS);
    Ok(Reply::ok(call.page(&path, &path, all.len(), items, more)))
}

pub(super) async fn count(call: &Call<'_>, meeting: Meeting<'_>) -> Result<Reply, GraphError> {
    Ok(Reply::number(summaries(call, meeting).await?.len()))
}

pub(super) async fn get(call: &Call<'_>, meeting: Meeting<'_>, id: &str) -> Result<Reply, GraphError> {
    let found = one(call, meeting, id).await?;
    let mut body = shape::report(&found);
    if call.query.expands(RECORDS) {
        body.insert(RECORDS.to_owned(), shape::records(&found.records, &tenant_id(call)?));
    }
    Ok(Reply::ok(call.described(
        &format!("{}/$entity", meeting.path(REPORTS)),
        call.selected(body, &[RECORDS]),
    )))
}

pub(super) async fn records(call: &Call<'_>, meeting: Meeting<'_>, report: &str) -> Result<Reply, GraphError> {
    let found = one(call, meeting, report).await?;
    let tenant_id = tenant_id(call)?;
    let path = records_path(meeting, &found);
    let show = |record: &AttendanceRecord| call.selected(shape::record(record, &tenant_id), &[]);
    Ok(Reply::ok(call.paged(&path, &path, &found.records, show)))
}

pub(super) async fn record_count(call: &Call<'_>, meeting: Meeting<'_>, report: &str) -> Result<Reply, GraphError> {
    Ok(Reply::number(one(call, meeting, report).await?.records.len()))
}

pub(super) async fn record(call: &Call<'_>, meeting: Meeting<'_>, report: &str, id: &str) -> Result<Reply, GraphError> {
    let found = one(call, meeting, report).await?;
    let record = found
        .records
        .iter()
        .find(|record| record.id.eq_ignore_ascii_case(id))
        .ok_or(GraphError::ArtifactNotFound("attendance record"))?;
    let body = call.selected(shape::record(record, &tenant_id(call)?), &[]);
    Ok(Reply::ok(
        call.described(&format!("{}/$entity", records_path(meeting, &found)), body),
    ))
}

fn records_path(meeting: Meeting<'_>, report: &AttendanceReport) -> String {
    meeting.path(&format!("{REPORTS}('{}')/{RECORDS}", report.id))
}

async fn summaries(call: &Call<'_>, meeting: Meeting<'_>) -> Result<Vec<AttendanceSummary>, GraphError> {
    call.app
        .attendance_summaries(call.caller, meeting.user_id, meeting.id)
        .await
        .map_err(refused)
}

async fn one(call: &Call<'_>, meeting: Meeting<'_>, id: &str) -> Result<AttendanceReport, GraphError> {
    call.app
        .attendance_report(call.caller, meeting.user_id, meeting.id, id)
        .await
        .map_err(refused)?
        .ok_or(GraphError::ArtifactNotFound("attendance report"))
}

fn tenant_id(call: &Call<'_>) -> Result<String, GraphError> {
    Ok(call.app.tenant().map_err(refused)?.id.clone())
}
