//! A member as this API shows them.

use app::model::Member;
use serde_json::{Map, Value};

use crate::query::Query;

/// What is shown when nothing is selected, in this order.
const DEFAULT: &[&str] = &[
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];
/// What is shown only when it is selected.
const ON_REQUEST: &[&str] = &["accountEnabled", "userType"];
/// Properties that others have and this directory does not: null when they are selected.
const EMPTY: &[&str] = &[
    "aboutMe",
    "city",
    "companyName",
    "country",
    "department",
    "employeeId",
    "postalCode",
    "state",
    "streetAddress",
    "usageLocation",
];
/// What is shown of others to whom may see the basic profile only.
pub(crate) const BASIC: &[&str] = &["id", "displayName", "givenName", "surname", "mail", "userPrincipalName"];
/// What a filter may ask about, for whom may see the full profile.
pub(crate) const FILTERED: &[&str] = &[
    "id",
    "displayName",
    "givenName",
    "surname",
    "mail",
    "userPrincipalName",
    "jobTitle",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "accountEnabled",
    "userType",
];

/// The object of a member; `full` unless only the basic profile may be seen: the rest then reads as if it were empty.
pub(crate) fn render(member: &Member, query: &Query, full: bool) -> Map<String, Value> {
    let on_request = ON_REQUEST.iter().chain(EMPTY).filter(|_| !query.select.is_empty());
    DEFAULT
        .iter()
        .chain(on_request)
        .filter(|name| query.selects(name))
        .map(|name| {
            let seen = full || BASIC.contains(name);
            let hidden = if *name == "businessPhones" {
                Value::Array(Vec::new())
            } else {
                Value::Null
            };
            ((*name).to_owned(), if seen { value(member, name) } else { hidden })
        })
        .collect()
}

/// A property by its name.
pub(crate) fn value(member: &Member, name: &str) -> Value {
    match name {
        "businessPhones" => member.business_phones.clone().into(),
        "displayName" => member.display_name.clone().into(),
        "givenName" => member.given_name.clone().into(),
        "id" => member.id.clone().into(),
        "jobTitle" => member.job_title.clone().into(),
        "mail" => member.mail.clone().into(),
        "mobilePhone" => member.mobile_phone.clone().into(),
        "officeLocation" => member.office_location.clone().into(),
        "preferredLanguage" => member.preferred_language.clone().into(),
        "surname" => member.surname.clone().into(),
        "userPrincipalName" => member.user_principal_name.clone().into(),
        "accountEnabled" => member.enabled.into(),
        "userType" => if member.guest_of_tenant { "Guest" } else { "Member" }.into(),
        _ => Value::Null,
    }
}

/// The fragment of `@odata.context` that describes members.
pub(crate) fn context(query: &Query, single: bool) -> String {
    let fields = if query.select.is_empty() {
        String::new()
    } else {
        format!("({})", query.select.join(","))
    };
    format!("users{fields}{}", if single { "/$entity" } else { "" })
}
