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

/// The object of a member.
pub(crate) fn render(member: &Member, query: &Query) -> Map<String, Value> {
    let names = DEFAULT.iter().chain(ON_REQUEST.iter().filter(|_| !query.select.is_empty()));
    names
        .filter(|name| query.selects(name))
        .map(|name| ((*name).to_owned(), value(member, name)))
        .collect()
}

fn value(member: &Member, name: &str) -> Value {
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
