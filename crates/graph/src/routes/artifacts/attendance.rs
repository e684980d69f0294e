//! Reports of attendance and their records. A report shows its records inside when `$expand` asks for them, in lists as well.

use app::attendance::{AttendanceRecord, AttendanceReport};

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
    let all = reports(call, meeting).await?;
    let show = |found: &AttendanceReport| call.selected(shape::report(found, &tenant_id, call.query.expands(RECORDS)), &[RECORDS]);
    Ok(Reply::ok(call.paged(&meeting.path(REPORTS), &meeting.path(REPORTS), &all, show)))
}

pub(super) async fn count(call: &Call<'_>, meeting: Meeting<'_>) -> Result<Reply, GraphError> {
    Ok(Reply::number(reports(call, meeting).await?.len()))
}

pub(super) async fn get(call: &Call<'_>, meeting: Meeting<'_>, id: &str) -> Result<Reply, GraphError> {
    let found = one(call, meeting, id).await?;
    let body = shape::report(&found, &tenant_id(call)?, call.query.expands(RECORDS));
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

async fn reports(call: &Call<'_>, meeting: Meeting<'_>) -> Result<Vec<AttendanceReport>, GraphError> {
    call.app
        .attendance_reports(call.caller, meeting.user_id, meeting.id)
        .await
        .map_err(refused)
}

async fn one(call: &Call<'_>, meeting: Meeting<'_>, id: &str) -> Result<AttendanceReport, GraphError> {
    reports(call, meeting)
        .await?
        .into_iter()
        .find(|report| report.id.eq_ignore_ascii_case(id))
        .ok_or(GraphError::ArtifactNotFound("attendance report"))
}

fn tenant_id(call: &Call<'_>) -> Result<String, GraphError> {
    Ok(call.app.tenant().map_err(refused)?.id.clone())
}
