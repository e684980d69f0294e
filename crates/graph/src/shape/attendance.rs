//! Attendance as this API shows it.

use app::attendance::{AttendanceInterval, AttendanceRecord, AttendanceReport, AttendanceRole, AttendanceSummary};
use serde_json::{Map, Value, json};

use super::{names::Named, time};

impl Named for AttendanceRole {
    const ALL: &'static [Self] = &[Self::None, Self::Attendee, Self::Presenter, Self::Organizer];

    fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Attendee => "Attendee",
            Self::Presenter => "Presenter",
            Self::Organizer => "Organizer",
        }
    }
}

/// What a list tells of a report; both a report and its summary are shown as this.
pub(crate) trait Summed {
    /// Id, number of people, begin, end.
    fn sum(&self) -> (&str, usize, app::Micros, app::Micros);
}

impl Summed for AttendanceSummary {
    fn sum(&self) -> (&str, usize, app::Micros, app::Micros) {
        (&self.id, self.participants, self.start, self.end)
    }
}

impl Summed for AttendanceReport {
    fn sum(&self) -> (&str, usize, app::Micros, app::Micros) {
        (&self.id, self.records.len(), self.start, self.end)
    }
}

/// A report without its records.
pub(crate) fn report(report: &impl Summed) -> Map<String, Value> {
    let (id, participants, start, end) = report.sum();
    let mut object = Map::new();
    object.insert("id".to_owned(), id.into());
    object.insert("totalParticipantCount".to_owned(), participants.into());
    object.insert("meetingStartDateTime".to_owned(), time::format(start).into());
    object.insert("meetingEndDateTime".to_owned(), time::format(end).into());
    object.insert("externalEventInformation".to_owned(), json!([]));
    object
}

/// The people in a report.
pub(crate) fn records(records: &[AttendanceRecord], tenant_id: &str) -> Value {
    records.iter().map(|found| Value::Object(record(found, tenant_id))).collect()
}

/// One person in a report.
pub(crate) fn record(record: &AttendanceRecord, tenant_id: &str) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("id".to_owned(), record.id.as_str().into());
    object.insert("emailAddress".to_owned(), record.email.clone().into());
    object.insert("totalAttendanceInSeconds".to_owned(), record.total_seconds().into());
    object.insert("role".to_owned(), record.role.name().into());
    object.insert("identity".to_owned(), identity(record, tenant_id));
    object.insert("registrationId".to_owned(), Value::Null);
    object.insert("externalRegistrationInformation".to_owned(), Value::Null);
    object.insert("attendanceIntervals".to_owned(), record.intervals.iter().map(interval).collect());
    object
}

fn interval(interval: &AttendanceInterval) -> Value {
    json!({
        "joinDateTime": time::format(interval.joined),
        "leaveDateTime": time::format(interval.left),
        "durationInSeconds": interval.seconds(),
    })
}

/// The type tells a client which class it reads: a member, an identity made by an application, or a visitor of the join page.
fn identity(record: &AttendanceRecord, tenant_id: &str) -> Value {
    let name = &record.display_name;
    if let Some(id) = record.raw_id.strip_prefix("8:orgid:") {
        return json!({ "@odata.type": "#microsoft.graph.communicationsUserIdentity", "id": id, "displayName": name, "tenantId": tenant_id });
    }
    if let Some(rest) = record.raw_id.strip_prefix("8:acs:") {
        return json!({
            "@odata.type": "#microsoft.graph.azureCommunicationServicesUserIdentity",
            "id": record.raw_id, "displayName": name,
            "azureCommunicationServicesResourceId": rest.split('_').next(),
        });
    }
    json!({ "@odata.type": "#microsoft.graph.communicationsGuestIdentity", "id": record.raw_id, "displayName": name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(raw_id: &str) -> Value {
        let record = AttendanceRecord {
            id: "r".to_owned(),
            raw_id: raw_id.to_owned(),
            display_name: "Maria".to_owned(),
            email: None,
            role: AttendanceRole::Attendee,
            intervals: vec![AttendanceInterval {
                joined: 0,
                left: 90_500_000,
            }],
        };
        Value::Object(super::record(&record, "tenant"))
    }

    #[test]
    fn each_kind_of_person_has_its_type() {
        for (raw_id, kind, id) in [
            ("8:orgid:o", "#microsoft.graph.communicationsUserIdentity", "o"),
            (
                "8:acs:res_user",
                "#microsoft.graph.azureCommunicationServicesUserIdentity",
                "8:acs:res_user",
            ),
            (
                "8:teamsvisitor:v",
                "#microsoft.graph.communicationsGuestIdentity",
                "8:teamsvisitor:v",
            ),
        ] {
            let identity = &of(raw_id)["identity"];
            assert_eq!((&identity["@odata.type"], &identity["id"]), (&json!(kind), &json!(id)));
        }
        assert_eq!(of("8:acs:res_user")["identity"]["azureCommunicationServicesResourceId"], "res");
        assert_eq!(of("8:orgid:o")["identity"]["tenantId"], "tenant");
    }

    #[test]
    fn times_inside_are_told_in_whole_seconds() {
        let record = of("8:orgid:o");
        assert_eq!(record["totalAttendanceInSeconds"], 90);
        assert_eq!(
            record["attendanceIntervals"],
            json!([{ "joinDateTime": "1970-01-01T00:00:00Z", "leaveDateTime": "1970-01-01T00:01:30.5Z", "durationInSeconds": 90 }])
        );
    }
}
