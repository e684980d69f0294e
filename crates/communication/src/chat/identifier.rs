//! Identifier objects of the API and raw ids. A raw id is opaque and case-sensitive; only its kind is read off it for answers.

use serde_json::{Map, Value, json};

use super::refusal::ChatRefusal;

/// Longest raw id that is read.
const MAX_RAW_ID: usize = 512;
const USERS: [&str; 4] = ["8:acs:", "8:dod-acs:", "8:gcch-acs:", "8:spool:"];
const MEMBERS: [(&str, &str); 3] = [("8:orgid:", "public"), ("8:dod:", "dod"), ("8:gcch:", "gcch")];
const APPLICATIONS: [(&str, &str); 3] = [("28:orgid:", "public"), ("28:dod:", "dod"), ("28:gcch:", "gcch")];
const VISITOR: &str = "8:teamsvisitor:";
const PHONE: &str = "4:";
/// The parts of which a request may have one.
const PARTS: [&str; 5] = [
    "communicationUser",
    "microsoftTeamsUser",
    "microsoftTeamsApp",
    "phoneNumber",
    "teamsExtensionUser",
];

/// The identifier object of a raw id.
pub(super) fn of_raw_id(raw_id: &str) -> Value {
    let of_cloud = |table: &[(&str, &'static str)]| {
        table
            .iter()
            .find_map(|(prefix, cloud)| raw_id.strip_prefix(prefix).map(|id| (id.to_owned(), *cloud)))
    };
    // Clients read a kind of its own off an id with a part more; in this API it has none.
    let whole = raw_id.splitn(4, ':').count() == 3;
    if whole && USERS.iter().any(|prefix| raw_id.starts_with(prefix)) {
        return json!({ "kind": "communicationUser", "rawId": raw_id, "communicationUser": { "id": raw_id } });
    }
    if let Some((id, cloud)) = of_cloud(&MEMBERS).filter(|_| whole) {
        let user = json!({ "userId": id, "isAnonymous": false, "cloud": cloud });
        return json!({ "kind": "microsoftTeamsUser", "rawId": raw_id, "microsoftTeamsUser": user });
    }
    if let Some(id) = raw_id.strip_prefix(VISITOR).filter(|_| whole) {
        let user = json!({ "userId": id, "isAnonymous": true, "cloud": "public" });
        return json!({ "kind": "microsoftTeamsUser", "rawId": raw_id, "microsoftTeamsUser": user });
    }
    if let Some((id, cloud)) = of_cloud(&APPLICATIONS).filter(|_| whole) {
        return json!({ "kind": "microsoftTeamsApp", "rawId": raw_id, "microsoftTeamsApp": { "appId": id, "cloud": cloud } });
    }
    if let Some(number) = raw_id.strip_prefix(PHONE) {
        return json!({ "kind": "phoneNumber", "rawId": raw_id, "phoneNumber": { "value": number } });
    }
    json!({ "kind": "unknown", "rawId": raw_id })
}

/// The raw id that an identifier object names: its own `rawId` first, else built from its one part.
pub(super) fn raw_id(value: Option<&Value>, target: &'static str) -> Result<String, ChatRefusal> {
    let wrong = || {
        ChatRefusal::invalid(
            target,
            "An identifier object is needed: rawId, or one of communicationUser, microsoftTeamsUser, microsoftTeamsApp, phoneNumber",
        )
    };
    let members = value.and_then(Value::as_object).ok_or_else(wrong)?;
    if PARTS
        .iter()
        .filter(|part| members.get(**part).is_some_and(|part| !part.is_null()))
        .count()
        > 1
    {
        return Err(ChatRefusal::invalid(target, "An identifier object names one kind only"));
    }
    let found = match members.get("rawId") {
        None | Some(Value::Null) => built(members),
        Some(value) => value.as_str().map(str::to_owned),
    };
    found
        .filter(|raw_id| !raw_id.is_empty() && raw_id.len() <= MAX_RAW_ID && !raw_id.contains(char::is_control))
        .ok_or_else(wrong)
}

fn built(members: &Map<String, Value>) -> Option<String> {
    let text = |part: &str, name: &str| members.get(part)?.get(name)?.as_str().map(str::to_owned);
    if let Some(id) = text("communicationUser", "id") {
        return Some(id);
    }
    if let Some(number) = text("phoneNumber", "value") {
        return Some(format!("{PHONE}{number}"));
    }
    let prefix_of = |part: &str, table: &[(&'static str, &str)]| {
        let cloud = text(part, "cloud").unwrap_or_else(|| "public".to_owned());
        table
            .iter()
            .find(|(_, known)| known.eq_ignore_ascii_case(&cloud))
            .map(|(prefix, _)| *prefix)
    };
    if let Some(id) = text("microsoftTeamsUser", "userId") {
        let anonymous = members.get("microsoftTeamsUser")?.get("isAnonymous") == Some(&Value::Bool(true));
        let prefix = if anonymous {
            VISITOR
        } else {
            prefix_of("microsoftTeamsUser", &MEMBERS)?
        };
        return Some(format!("{prefix}{id}"));
    }
    let id = text("microsoftTeamsApp", "appId")?;
    Some(format!("{}{id}", prefix_of("microsoftTeamsApp", &APPLICATIONS)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_raw_id_has_at_most_one_part_and_gives_itself_back() {
        for (raw, part) in [
            ("8:acs:r_u", Some("communicationUser")),
            ("8:acs:r_t_u", Some("communicationUser")),
            ("8:spool:x", Some("communicationUser")),
            ("8:orgid:o", Some("microsoftTeamsUser")),
            ("8:dod:o", Some("microsoftTeamsUser")),
            ("8:teamsvisitor:v", Some("microsoftTeamsUser")),
            ("28:orgid:a", Some("microsoftTeamsApp")),
            ("28:gcch:a", Some("microsoftTeamsApp")),
            ("4:+1555", Some("phoneNumber")),
            ("4:anonymous", Some("phoneNumber")),
            ("28:a", None),
            ("48:x", None),
            ("8:guest:x", None),
            ("8:acs:a:b", None),
        ] {
            let object = of_raw_id(raw);
            let parts: Vec<&str> = PARTS.into_iter().filter(|part| object.get(part).is_some()).collect();
            assert_eq!(parts, part.into_iter().collect::<Vec<_>>(), "{raw}");
            assert_eq!(raw_id(Some(&object), "x").unwrap(), raw);
            let mut unnamed = object.as_object().cloned().unwrap();
            unnamed.remove("rawId");
            if part.is_some() {
                assert_eq!(raw_id(Some(&Value::Object(unnamed)), "x").unwrap(), raw);
            }
        }
    }

    #[test]
    fn the_raw_id_goes_before_the_part_and_clouds_have_any_letter_case() {
        let both = json!({ "rawId": "8:acs:r_t_u", "communicationUser": { "id": "other" } });
        assert_eq!(raw_id(Some(&both), "x").unwrap(), "8:acs:r_t_u");
        let member = json!({ "microsoftTeamsUser": { "userId": "o", "cloud": "PUBLIC" }, "phoneNumber": null });
        assert_eq!(raw_id(Some(&member), "x").unwrap(), "8:orgid:o");
    }

    #[test]
    fn what_names_nobody_or_two_is_refused() {
        for bad in [
            json!(null),
            json!("8:acs:a_b"),
            json!({}),
            json!({ "rawId": "" }),
            json!({ "rawId": 1 }),
            json!({ "rawId": "8:a\u{0}" }),
            json!({ "rawId": "x".repeat(513) }),
            json!({ "communicationUser": {} }),
            json!({ "microsoftTeamsUser": { "userId": "o", "cloud": "moon" } }),
            json!({ "rawId": "8:acs:a_b", "communicationUser": { "id": "a" }, "phoneNumber": { "value": "+1" } }),
        ] {
            assert!(raw_id(Some(&bad), "x").is_err(), "{bad}");
        }
        assert!(raw_id(None, "x").is_err());
    }
}
