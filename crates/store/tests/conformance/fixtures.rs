//! Rows to write.

use app::model::{
    Application, ApplicationKey, ApplicationSecret, AttendanceEvent, AttendanceFact, CommunicationIdentity, ExposedScope, IdentityKind,
    Invitee, InviteeRole, Member, OnlineMeeting, Tenant,
};
use meeting::{LobbyScope, MeetingOptions, MeetingPolicy, TenantSettings};

pub(crate) fn tenant() -> Tenant {
    Tenant {
        id: "t".into(),
        display_name: "Clinic".into(),
        resource_id: "r".into(),
        meet_client_id: "m".into(),
        settings: TenantSettings {
            disable_anonymous_join: true,
            ..TenantSettings::default()
        },
        policy: MeetingPolicy {
            lobby_timeout_s: 77,
            ..MeetingPolicy::default()
        },
    }
}

pub(crate) fn member(id: &str) -> Member {
    Member {
        id: id.into(),
        user_principal_name: format!("{id}@Clinic.example"),
        display_name: format!("Member {id}"),
        given_name: Some("Zoë".into()),
        surname: None,
        mail: Some("m@clinic.example".into()),
        job_title: None,
        mobile_phone: Some("+1 555".into()),
        office_location: None,
        preferred_language: Some("de".into()),
        business_phones: vec!["1".into(), "2".into()],
        administrator: true,
        enabled: true,
        guest_of_tenant: false,
        tokens_valid_after: i64::MAX - 1,
    }
}

pub(crate) fn application(client_id: &str) -> Application {
    Application {
        client_id: client_id.into(),
        object_id: format!("object {client_id}"),
        display_name: "Visits".into(),
        secrets: vec![ApplicationSecret::from_hash("1", "a"), ApplicationSecret::from_hash("2", "b")],
        keys: vec![ApplicationKey {
            id: "3".into(),
            name: "Zertifikat Ü".into(),
            public_key: "MII=".into(),
            sha1: Some("t".into()),
            sha256: None,
            valid_from: Some(1),
            expires: None,
            created: 2,
        }],
        exposed_scopes: vec![ExposedScope {
            name: "access_as_user".into(),
            description: "Reads & writes".into(),
        }],
        tenant_consent: vec!["User.Read".into()],
        redirect_uris: vec!["http://localhost/callback".into()],
        application_permissions: vec!["OnlineMeetings.Read.All".into()],
        delegated_permissions: Vec::new(),
        public: true,
    }
}

pub(crate) fn meeting(key: &str, organizer: &str) -> OnlineMeeting {
    OnlineMeeting {
        thread_id: format!("19:meeting_{key}@thread.v2"),
        organizer_id: organizer.into(),
        external_id: Some(format!("external {key}")),
        subject: Some("Ünïcode ' \" subject".into()),
        start: 1_800_000_000_000_000,
        end: 1_800_003_600_000_000,
        created: 1,
        expires: i64::MAX,
        join_meeting_id: format!("id {key}"),
        passcode: Some("aB3".into()),
        options: MeetingOptions {
            lobby_scope: Some(LobbyScope::Everyone),
            allow_anonymous_join: false,
            ..MeetingOptions::default()
        },
        invitees: vec![Invitee {
            member_id: None,
            upn: Some("x@example.org".into()),
            role: InviteeRole::Coorganizer,
        }],
        recurring: true,
        extra: serde_json::json!({ "allowRecording": true, "n": { "x": [1, null] } })
            .as_object()
            .cloned()
            .unwrap(),
        revision: 1,
        deleted: None,
    }
}

pub(crate) fn identity(id: &str) -> CommunicationIdentity {
    CommunicationIdentity {
        id: id.into(),
        kind: IdentityKind::Visitor,
        created: 5,
        tokens_valid_after: 0,
        deleted: None,
    }
}

pub(crate) fn attendance(raw_id: &str, at: i64) -> AttendanceFact {
    AttendanceFact {
        thread_id: "thread".into(),
        held_id: "held".into(),
        raw_id: raw_id.into(),
        display_name: "Maria".into(),
        role: "attendee".into(),
        event: AttendanceEvent::Joined,
        at,
    }
}
