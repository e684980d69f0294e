//! The promises of the store's ports, on every backend. Each case is written against the traits; a backend is one more type in
//! `backend.rs` and one more module in the macro below.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod conformance {
    pub(crate) mod access;
    pub(crate) mod applications;
    pub(crate) mod backend;
    pub(crate) mod calendar;
    pub(crate) mod chat;
    pub(crate) mod directory;
    pub(crate) mod durability;
    pub(crate) mod federation;
    pub(crate) mod fixtures;
    pub(crate) mod identities;
    pub(crate) mod meetings;
    pub(crate) mod quality;
    pub(crate) mod rooms;
    pub(crate) mod sign_in;
    pub(crate) mod subscriptions;
    pub(crate) mod surveys;
    pub(crate) mod transcripts;
}

/// Runs every case on every backend.
macro_rules! on_every_backend {
    ($($case:path as $name:ident;)*) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $name() {
                    let backend = crate::conformance::backend::Sqlite::new();
                    $case(&backend).await;
                }
            )*
        }
    };
}

on_every_backend! {
    crate::conformance::directory::tenant_is_replaced_and_there_is_only_one as tenant_is_replaced_and_there_is_only_one;
    crate::conformance::directory::members_are_found_by_id_and_by_name_in_any_letter_case as members_are_found_by_id_and_by_name_in_any_letter_case;
    crate::conformance::directory::replacing_a_member_leaves_the_password_alone as replacing_a_member_leaves_the_password_alone;
    crate::conformance::directory::a_sign_in_name_belongs_to_one_member as a_sign_in_name_belongs_to_one_member;
    crate::conformance::directory::applications_come_back_as_they_were as applications_come_back_as_they_were;
    crate::conformance::meetings::a_meeting_comes_back_as_it_was_by_every_key as a_meeting_comes_back_as_it_was_by_every_key;
    crate::conformance::meetings::keys_of_meetings_are_unique as keys_of_meetings_are_unique;
    crate::conformance::meetings::a_change_needs_the_current_revision as a_change_needs_the_current_revision;
    crate::conformance::meetings::a_deleted_meeting_is_gone_and_frees_its_external_id_only as a_deleted_meeting_is_gone_and_frees_its_external_id_only;
    crate::conformance::meetings::lists_are_ordered_and_paged as lists_are_ordered_and_paged;
    crate::conformance::meetings::lists_are_counted_and_ordered_by_every_key as lists_are_counted_and_ordered_by_every_key;
    crate::conformance::meetings::a_bar_lasts_and_only_grows as a_bar_lasts_and_only_grows;
    crate::conformance::meetings::attendance_is_ordered_and_told_twice_is_kept_once as attendance_is_ordered_and_told_twice_is_kept_once;
    crate::conformance::meetings::attendance_of_one_held_meeting_is_read_alone_and_bounded as attendance_of_one_held_meeting_is_read_alone_and_bounded;
    crate::conformance::identities::revocation_only_moves_forward_and_not_after_deletion as revocation_only_moves_forward_and_not_after_deletion;
    crate::conformance::identities::keys_are_replaced_by_name_and_the_newest_signing_key_comes_first as keys_are_replaced_by_name_and_the_newest_signing_key_comes_first;
    crate::conformance::identities::audit_entries_come_newest_first as audit_entries_come_newest_first;
    crate::conformance::sign_in::a_session_comes_back_as_it_was_until_it_ends as a_session_comes_back_as_it_was_until_it_ends;
    crate::conformance::sign_in::a_code_is_redeemed_once_with_its_refresh_token as a_code_is_redeemed_once_with_its_refresh_token;
    crate::conformance::sign_in::of_many_redemptions_at_once_one_wins as of_many_redemptions_at_once_one_wins;
    crate::conformance::sign_in::a_refresh_token_rotates_and_reuse_after_the_grace_revokes_its_family as a_refresh_token_rotates_and_reuse_after_the_grace_revokes_its_family;
    crate::conformance::sign_in::a_refresh_token_has_so_many_successors_and_no_more as a_refresh_token_has_so_many_successors_and_no_more;
    crate::conformance::sign_in::of_the_waiting_codes_of_a_session_the_newest_stay as of_the_waiting_codes_of_a_session_the_newest_stay;
    crate::conformance::sign_in::ending_a_session_takes_its_codes_and_families_along_and_no_others as ending_a_session_takes_its_codes_and_families_along_and_no_others;
    crate::conformance::sign_in::a_revoked_family_stays_revoked_at_its_first_moment as a_revoked_family_stays_revoked_at_its_first_moment;
    crate::conformance::sign_in::a_sweep_takes_what_expired_and_nothing_else as a_sweep_takes_what_expired_and_nothing_else;
    crate::conformance::subscriptions::a_subscription_comes_back_as_it_was_and_is_the_only_one_on_its_meeting as a_subscription_comes_back_as_it_was_and_is_the_only_one_on_its_meeting;
    crate::conformance::subscriptions::a_renewal_moves_the_end_of_what_lives_and_of_nothing_else as a_renewal_moves_the_end_of_what_lives_and_of_nothing_else;
    crate::conformance::subscriptions::a_line_keeps_its_order_and_is_due_as_a_whole as a_line_keeps_its_order_and_is_due_as_a_whole;
    crate::conformance::subscriptions::a_full_line_takes_nothing_and_others_do as a_full_line_takes_nothing_and_others_do;
    crate::conformance::subscriptions::due_lines_are_shared_among_applications as due_lines_are_shared_among_applications;
    crate::conformance::subscriptions::a_removed_subscription_says_its_last_word_and_is_gone as a_removed_subscription_says_its_last_word_and_is_gone;
    crate::conformance::subscriptions::what_ends_or_is_due_next_is_found as what_ends_or_is_due_next_is_found;
    crate::conformance::federation::a_provider_comes_back_as_it_was_and_is_replaced as a_provider_comes_back_as_it_was_and_is_replaced;
    crate::conformance::federation::a_deleted_provider_takes_its_links_along_and_leaves_members as a_deleted_provider_takes_its_links_along_and_leaves_members;
    crate::conformance::federation::passwords_are_on_until_they_are_switched_off as passwords_are_on_until_they_are_switched_off;
    crate::conformance::federation::a_subject_is_one_member_and_a_member_one_subject_of_a_provider as a_subject_is_one_member_and_a_member_one_subject_of_a_provider;
    crate::conformance::federation::a_member_is_made_with_the_link_or_not_at_all as a_member_is_made_with_the_link_or_not_at_all;
    crate::conformance::federation::a_domain_belongs_to_the_members_whom_no_provider_made as a_domain_belongs_to_the_members_whom_no_provider_made;
    crate::conformance::federation::a_sign_in_on_its_way_is_taken_once_and_by_its_browser as a_sign_in_on_its_way_is_taken_once_and_by_its_browser;
    crate::conformance::federation::too_many_sign_ins_on_their_way_push_out_the_oldest as too_many_sign_ins_on_their_way_push_out_the_oldest;
    crate::conformance::federation::what_expired_of_federation_is_swept_and_nothing_else as what_expired_of_federation_is_swept_and_nothing_else;
    crate::conformance::applications::consent_grows_and_is_of_one_member_for_one_application as consent_grows_and_is_of_one_member_for_one_application;
    crate::conformance::applications::a_deleted_application_takes_everything_along_and_nothing_of_others as a_deleted_application_takes_everything_along_and_nothing_of_others;
    crate::conformance::applications::a_domain_is_known_by_the_sign_in_names_of_members as a_domain_is_known_by_the_sign_in_names_of_members;
    crate::conformance::applications::a_device_code_is_decided_once_and_redeemed_once as a_device_code_is_decided_once_and_redeemed_once;
    crate::conformance::applications::a_declined_or_expired_device_gives_nothing as a_declined_or_expired_device_gives_nothing;
    crate::conformance::durability::everything_is_found_again_after_a_reopen as everything_is_found_again_after_a_reopen;
    crate::conformance::durability::what_was_written_survives_a_store_that_is_never_closed as what_was_written_survives_a_store_that_is_never_closed;
    crate::conformance::durability::a_batch_that_fails_leaves_no_half as a_batch_that_fails_leaves_no_half;
    crate::conformance::durability::a_call_that_is_given_up_leaves_all_or_nothing_and_the_store_goes_on as a_call_that_is_given_up_leaves_all_or_nothing_and_the_store_goes_on;
    crate::conformance::durability::many_writers_at_once_lose_nothing as many_writers_at_once_lose_nothing;
    crate::conformance::rooms::a_room_comes_back_as_it_was_and_its_id_stays_taken_until_it_is_swept as a_room_comes_back_as_it_was_and_its_id_stays_taken_until_it_is_swept;
    crate::conformance::rooms::a_room_is_changed_only_from_what_it_was as a_room_is_changed_only_from_what_it_was;
    crate::conformance::rooms::rooms_are_listed_newest_first_and_each_once_over_pages as rooms_are_listed_newest_first_and_each_once_over_pages;
    crate::conformance::rooms::people_are_added_changed_and_removed_together_or_not_at_all as people_are_added_changed_and_removed_together_or_not_at_all;
    crate::conformance::rooms::people_are_listed_in_the_order_of_their_coming_over_pages as people_are_listed_in_the_order_of_their_coming_over_pages;
    crate::conformance::rooms::many_changes_of_one_room_at_once_lose_nobody as many_changes_of_one_room_at_once_lose_nobody;
    crate::conformance::surveys::a_session_has_one_survey_and_a_second_takes_its_place_and_id as a_session_has_one_survey_and_a_second_takes_its_place_and_id;
    crate::conformance::surveys::surveys_are_listed_newest_first_over_pages_and_filters_and_swept_by_age as surveys_are_listed_newest_first_over_pages_and_filters_and_swept_by_age;
    crate::conformance::quality::a_session_comes_back_as_it_was_and_is_replaced as a_session_comes_back_as_it_was_and_is_replaced;
    crate::conformance::quality::a_call_is_all_its_sessions_together as a_call_is_all_its_sessions_together;
    crate::conformance::quality::calls_and_sessions_are_listed_over_pages_and_filters_and_swept_by_age as calls_and_sessions_are_listed_over_pages_and_filters_and_swept_by_age;
    crate::conformance::transcripts::lines_come_back_in_their_order_by_held_meeting_the_latest_first as lines_come_back_in_their_order_by_held_meeting_the_latest_first;
    crate::conformance::transcripts::a_full_transcript_takes_no_line_and_another_one_does as a_full_transcript_takes_no_line_and_another_one_does;
    crate::conformance::rooms::a_remembered_answer_is_the_first_one_until_it_expires as a_remembered_answer_is_the_first_one_until_it_expires;
    crate::conformance::access::groups_and_their_members_come_back_as_they_were as groups_and_their_members_come_back_as_they_were;
    crate::conformance::access::what_is_granted_cannot_be_deleted as what_is_granted_cannot_be_deleted;
    crate::conformance::access::names_of_policies_and_ranks_of_groups_are_unique as names_of_policies_and_ranks_of_groups_are_unique;
    crate::conformance::access::the_best_grant_counts_and_no_other as the_best_grant_counts_and_no_other;
    crate::conformance::chat::a_thread_comes_back_as_it_was_with_its_first_messages as a_thread_comes_back_as_it_was_with_its_first_messages;
    crate::conformance::chat::messages_get_growing_places_also_when_the_clock_steps_back as messages_get_growing_places_also_when_the_clock_steps_back;
    crate::conformance::chat::many_who_write_at_once_get_places_of_their_own as many_who_write_at_once_get_places_of_their_own;
    crate::conformance::chat::only_members_of_a_living_thread_write as only_members_of_a_living_thread_write;
    crate::conformance::chat::adding_is_for_the_new_up_to_the_limit_and_tells_of_them_once as adding_is_for_the_new_up_to_the_limit_and_tells_of_them_once;
    crate::conformance::chat::who_was_removed_is_remembered_and_comes_back_with_a_new_history as who_was_removed_is_remembered_and_comes_back_with_a_new_history;
    crate::conformance::chat::those_are_told_who_may_see_it as those_are_told_who_may_see_it;
    crate::conformance::chat::an_edited_message_keeps_its_place_and_a_deleted_one_loses_its_content as an_edited_message_keeps_its_place_and_a_deleted_one_loses_its_content;
    crate::conformance::chat::a_thread_is_edited_in_part_and_says_so_when_its_topic_is_another as a_thread_is_edited_in_part_and_says_so_when_its_topic_is_another;
    crate::conformance::chat::threads_are_listed_newest_first_in_pages_for_their_members as threads_are_listed_newest_first_in_pages_for_their_members;
    crate::conformance::chat::a_deleted_thread_keeps_its_id_and_nothing_that_was_in_it as a_deleted_thread_keeps_its_id_and_nothing_that_was_in_it;
    crate::conformance::chat::receipts_only_move_forward_and_leave_with_their_reader as receipts_only_move_forward_and_leave_with_their_reader;
    crate::conformance::chat::due_threads_are_found_in_order_until_they_are_deleted as due_threads_are_found_in_order_until_they_are_deleted;
    crate::conformance::chat::the_thread_of_a_meeting_knows_its_revision_and_whether_it_is_held as the_thread_of_a_meeting_knows_its_revision_and_whether_it_is_held;
    crate::conformance::chat::who_is_not_kept_goes_unless_the_meeting_is_held as who_is_not_kept_goes_unless_the_meeting_is_held;
    crate::conformance::chat::it_is_noted_whether_somebody_was_sent_away_or_is_not_invited as it_is_noted_whether_somebody_was_sent_away_or_is_not_invited;
    crate::conformance::chat::nobody_is_shown_older_messages_than_the_member_who_adds_them as nobody_is_shown_older_messages_than_the_member_who_adds_them;
    crate::conformance::chat::the_thread_of_a_deleted_meeting_is_found_and_not_listed as the_thread_of_a_deleted_meeting_is_found_and_not_listed;
    crate::conformance::calendar::an_event_comes_back_as_it_was_and_lists_are_by_start as an_event_comes_back_as_it_was_and_lists_are_by_start;
    crate::conformance::calendar::an_event_and_its_meeting_are_written_together_or_not_at_all as an_event_and_its_meeting_are_written_together_or_not_at_all;
    crate::conformance::calendar::a_transaction_id_is_free_again_when_its_event_is_cancelled as a_transaction_id_is_free_again_when_its_event_is_cancelled;
    crate::conformance::calendar::what_may_happen_between_two_times_is_found as what_may_happen_between_two_times_is_found;
}
