//! Law 5: every refusal explains itself.

use std::collections::BTreeMap;

use meeting::{FixableBy, Refusal, refusal};

#[test]
fn every_name_is_unique_and_camel_case() {
    let mut names: Vec<&str> = Refusal::ALL.iter().map(|refusal| refusal.row().name).collect();
    let all = names.len();
    assert!(
        names
            .iter()
            .all(|name| name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric()))
    );
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn a_code_with_its_subcode_means_one_thing_except_for_tokens_and_the_end_of_a_call() {
    let mut seen: BTreeMap<(u32, u32), Vec<Refusal>> = BTreeMap::new();
    for refusal in Refusal::ALL {
        let row = refusal.row();
        seen.entry((row.code, row.sub_code)).or_default().push(*refusal);
    }
    let shared: Vec<&(u32, u32)> = seen
        .iter()
        .filter(|(_, refusals)| refusals.len() > 1)
        .map(|(code, _)| code)
        .collect();
    assert_eq!(shared, [&(0, 5003), &(401, 10009)]);
}

#[test]
fn every_row_has_two_sentences_and_somebody_who_can_mend_it() {
    for refusal in Refusal::ALL {
        let row = refusal.row();
        assert!(row.message.ends_with('.') && row.cause.ends_with('.'), "{}", row.name);
        assert!(row.code == 0 || row.fixable_by != FixableBy::Nobody, "{}", row.name);
    }
}

#[test]
fn the_codes_that_applications_know_are_kept() {
    let known = [
        (Refusal::LeftNormally, 0, 0),
        (Refusal::Removed, 0, 5300),
        (Refusal::ConversationEnded, 0, 5003),
        (Refusal::Transferred, 0, 7015),
        (Refusal::CallCancelled, 487, 0),
        (Refusal::AcceptedElsewhere, 487, 10003),
        (Refusal::NoAnswer, 487, 10004),
        (Refusal::DeclinedElsewhere, 487, 10024),
        (Refusal::Declined, 603, 0),
        (Refusal::CalleeUnreachable, 480, 10037),
        (Refusal::MeetingEnded, 0, 4097),
        (Refusal::LobbyDenied, 403, 5854),
        (Refusal::LobbyTimeout, 408, 5855),
        (Refusal::MeetingIdOrPasscodeInvalid, 400, 5751),
        (Refusal::AnonymousJoinDisabledByTenant, 403, 5221),
        (Refusal::AnonymousJoinDisabledByPolicy, 403, 5222),
        (Refusal::TokenInvalid, 401, 10009),
        (Refusal::RaiseHandForMembersOnly, 403, 45802),
        (Refusal::RoleForbidsMediaAccess, 403, 46502),
        (Refusal::MediaAccessNotInThisCall, 403, 46503),
        (Refusal::MediaAccessForAttendeesOnly, 403, 46504),
    ];
    for (refusal, code, sub_code) in known {
        assert_eq!((refusal.row().code, refusal.row().sub_code), (code, sub_code), "{refusal}");
    }
}

#[test]
fn the_page_has_a_row_for_each() {
    let page = refusal::table();
    assert_eq!(page.lines().count(), Refusal::ALL.len() + 2);
    for refusal in Refusal::ALL {
        assert!(page.contains(&format!("| `{}` |", refusal.row().name)));
    }
    assert!(page.lines().all(|line| line.matches('|').count() == 8), "a cell holds no bar");
}
