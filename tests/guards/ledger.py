"""What could go wrong, what must happen then, and the tests that fail when it does not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """One line of the table."""

    what: str
    must: str
    tests: tuple[str, ...]  #: `path below tests/::name of the test`; empty where `must` says why


def _danger(what: str, must: str, *tests: str) -> Danger:
    return Danger(what=what, must=must, tests=tests)


#: What breaks by itself.
FAULTS: tuple[Danger, ...] = (
    _danger(
        "death before or after any write or step",
        "whoever begins again loses nothing and sends nothing twice",
        "torture/test_crashes.py::test_death_at_the_points_loses_and_repeats_nothing",
    ),
    _danger(
        "death at any moment, again and again",
        "none twice, none lost, doubt is visible",
        "torture/test_kill.py::test_150_kills_send_nothing_twice_and_lose_nothing",
    ),
    _danger(
        "the line breaks around the final dot",
        "in doubt, unless the answer came before",
        "edge/smtp/test_faults.py::test_what_is_known_after_a_fault",
        "edge/smtp/test_smtp_sink.py::test_what_is_known_after_a_fault",
        "stories/test_in_doubt.py::test_it_is_never_sent_again_by_itself",
    ),
    _danger(
        "the server says later, or no",
        "later is tried again with patience and given up in the end; no asks a person",
        "edge/smtp/test_faults.py::test_what_is_known_after_a_fault",
        "stories/test_submission.py::test_deferred_with_patience_and_then_accepted",
        "stories/test_submission.py::test_deferred_for_ever_is_given_up_and_told",
        "stories/test_submission.py::test_refused_for_good_is_held_with_the_servers_words",
    ),
    _danger(
        "one of several recipients is refused",
        "nobody gets the letter, and a person is told who was refused",
        "edge/smtp/test_transaction.py::test_one_refused_recipient_means_nothing_to_anybody",
        "stories/test_submission.py::test_a_refused_copy_sends_nothing_to_anybody_and_says_which",
    ),
    _danger(
        "disk full, read-only or failing; database locked, damaged or taken away",
        "nothing is written or sent, and a sentence says what to do",
        "torture/test_crashes.py::test_a_call_that_fails_ends_in_a_sentence_and_sends_nothing_twice",
        "edge/store/test_sqlite.py::test_a_damaged_database_is_refused",
        "torture/test_lost_files.py::test_what_is_taken_away_while_we_write_is_noticed",
    ),
    _danger(
        "power cut",
        "what was noted is on the disk before the next step",
        "edge/store/test_sqlite.py::test_pragmas",
        "edge/store/test_raw.py::test_bytes_and_folder_are_fsynced_before_put_returns",
    ),
    _danger(
        "two daemons on one state",
        "the second refuses; one that was overtaken writes nothing more",
        "edge/store/test_lock.py::test_the_second_is_told_who_the_first_is",
        "edge/store/test_lease.py::test_every_write_of_a_daemon_that_was_overtaken_is_refused",
        "cli/test_two_of_us.py::test_a_daemon_that_was_overtaken_claims_no_letter",
    ),
    _danger(
        "two homes on one mailbox",
        "the other's Message-IDs are recognised, and nothing leaves until a person says go on",
        "stories/test_loop_room.py::test_a_letter_of_another_home_stops_all_and_one_command_lets_them_go_on",
    ),
    _danger(
        "an old database or snapshot comes back",
        "Sent is read before the first letter; old approvals are void",
        "stories/test_hard_mailbox.py::test_a_state_folder_put_back_from_before_the_sending_sends_nothing",
        "stories/test_hard_mailbox.py::test_an_old_state_that_cannot_look_into_sent_holds_the_letter",
        "stories/test_restored.py::test_an_approval_older_than_the_copy_is_void",
    ),
    _danger(
        "the clock is a day off, daylight saving, leap day",
        "each step and deadline once and in its hour",
        "stories/test_long_stops.py::test_a_clock_a_day_ahead_and_back",
        "stories/test_long_stops.py::test_hour_by_hour_each_step_and_each_deadline_comes_once_and_in_its_hour",
    ),
    _danger(
        "UIDVALIDITY changes, UIDNEXT goes back, a mailbox is made anew",
        "no draft comes of it, and new mail is still heard",
        "stories/test_mailbox_faults.py::test_no_draft_comes_of_it_and_a_new_notice_is_still_heard",
        "stories/test_mailbox_faults.py::test_numbers_that_go_back_are_told_and_lose_no_mail",
    ),
    _danger(
        "the same notice twice, or as a copy",
        "one case",
        "stories/test_opening.py::test_the_very_same_mail_twice_is_one_case_and_no_event",
        "stories/test_opening.py::test_a_second_notice_with_the_same_id_holds_and_writes_no_second_letter",
        "stories/test_opening.py::test_a_forwarded_notice_is_an_item_and_no_case",
    ),
    _danger(
        "IDLE is half open",
        "seen at the renewal, at the latest by the timed look",
        "edge/imap/test_idle.py::test_a_half_open_line_is_noticed_at_the_renewal",
        "edge/imap/test_idle.py::test_a_line_that_trickles_is_cut_by_the_watchdog",
    ),
    _danger(
        "a server slow by the byte, a literal that lies, 50 MB in one mail",
        "bounded time and memory, and nothing behind it waits",
        "edge/imap/test_hostile.py::test_a_server_that_trickles_is_given_up",
        "edge/imap/test_hostile.py::test_a_literal_beyond_the_limit_is_never_taken_in",
        "stories/test_hard_mailbox.py::test_a_mail_of_50_megabytes_costs_bounded_memory_and_hides_nothing",
    ),
    _danger(
        "login refused, token expired, certificate of somebody else",
        "three tries an hour at most; a person is asked; no password is shown to a stranger",
        "stories/test_hard_mailbox.py::"
        "test_a_refused_login_is_shown_to_the_server_three_times_an_hour_at_most",
        "stories/test_hard_mailbox.py::"
        "test_a_token_that_expires_in_mid_session_asks_for_a_person_and_goes_on",
        "edge/imap/test_login.py::test_a_certificate_for_another_name_is_refused_and_no_password_sent",
    ),
    _danger(
        "first start on an inbox full of the past",
        "no draft, no letter",
        "stories/test_long_stops.py::test_a_first_start_on_5000_old_mails_with_300_notices",
    ),
    _danger(
        "three weeks off",
        "what is overdue becomes a draft, never a letter",
        "stories/test_long_stops.py::test_three_weeks_off_make_proposals_and_what_leaves_is_capped",
    ),
    _danger(
        "machines answer each other",
        "no machine is answered, and the caps hold",
        "stories/test_loop_room.py::test_without_a_person_nothing_leaves_in_a_week_of_machines",
        "stories/test_loop_room.py::"
        "test_with_a_person_who_approves_all_no_machine_is_answered_and_the_caps_hold",
    ),
    _danger(
        "an answer from another address, under another subject",
        "what cites us holds; what only claims to belong blocks until a person says",
        "stories/test_answers.py::test_an_answer_from_another_address_that_cites_us_freezes_too",
        "stories/test_answers.py::test_a_mail_that_only_names_the_complaint_blocks_until_a_person_says",
    ),
    _danger(
        "an out-of-office taken for an answer, a bounce for silence",
        "the first stops no clock, the second stops the case",
        "stories/test_answers.py::test_out_of_office_puts_off_the_reminder_and_never_the_step_to_amazon",
        "stories/test_bounces.py::test_a_bounce_of_the_addressee_holds_the_case_and_the_record_says_so",
    ),
    _danger(
        "an upgrade while letters are on their way, and back",
        "a copy first, all or nothing; an older version refuses a newer database",
        "edge/store/test_upgrade.py::test_a_migration_that_fails_changes_nothing",
        "edge/store/test_upgrade.py::test_not_while_a_daemon_of_the_older_version_runs",
        "edge/store/test_upgrade.py::test_no_way_back_and_none_from_before_the_first",
    ),
    _danger(
        "approved twice at once, or written again after it was approved",
        "one approval, of what the person saw",
        "cli/test_two_of_us.py::test_two_people_approve_at_once_and_it_is_approved_once",
        "stories/test_tampering.py::test_two_people_approve_at_once_and_one_letter_leaves",
        "stories/test_together.py::test_a_text_that_nobody_has_seen_is_not_approved",
    ),
    _danger(
        "asked to end in the middle of a letter",
        "the letter on the line is finished, or in doubt, within ten seconds",
        "torture/test_asked_to_end.py::test_at_every_step_it_ends_in_time_and_knows_what_left",
    ),
    _danger(
        "a mail that kills its reader",
        "it is parked after one death, and the next ones are read",
        "edge/test_worker.py::test_a_mail_that_killed_the_worker_is_not_tried_again",
        "edge/test_worker.py::test_a_hostile_mail_costs_itself_only",
    ),
    _danger(
        "a value that is missing, endless or malicious",
        "the draft says so and cannot be approved",
        "draft/test_templates.py::test_an_unfilled_name_is_named",
        "draft/test_templates.py::test_a_long_text_is_stopped_while_it_grows",
        "stories/test_opening.py::test_a_gap_in_the_profile_holds_the_draft_and_names_it",
        "injection/test_injection.py::test_no_payload_in_any_field_becomes_anything_but_words",
    ),
)

#: What somebody does on purpose.
THREATS: tuple[Danger, ...] = (
    _danger(
        "notices that name victims",
        "nothing is sent without a person, and few with one",
        "stories/test_flood.py::test_a_thousand_notices_naming_a_thousand_victims_send_nothing_without_a_person",
        "stories/test_flood.py::test_even_a_person_who_approves_everything_writes_to_few",
    ),
    _danger(
        "forged results of authentication",
        "only the topmost of the pinned provider counts",
        "spoof/test_spoof.py::test_no_trick_with_the_header_is_believed",
        "mail/test_authentication.py::test_without_a_pinned_provider_nothing_is_believed",
    ),
    _danger(
        "domains that look alike, two authors",
        "not believed, and called what they are",
        "spoof/test_spoof.py::test_no_look_alike_is_believed",
        "mail/test_authentication.py::test_two_authors_prove_nothing",
    ),
    _danger(
        "the letter is led to somebody else",
        "never ours, Amazon's, a list's or a machine's address; Reply-To counts for nothing",
        "reading/test_read.py::test_who_is_never_an_addressee",
        "reading/test_read.py::test_reply_to_is_never_used",
        "stories/test_contact.py::test_role_rules_hold_for_it_as_well",
    ),
    _danger(
        "fields that add headers or recipients",
        "refused when composed, and compared before sending",
        "mail/test_compose.py::test_control_characters_are_refused_everywhere",
        "mail/test_compose.py::test_whatever_goes_in_never_adds_a_field_or_a_recipient",
        "edge/test_runtime.py::test_the_guard_refuses_every_injection_in_every_field",
    ),
    _danger(
        "names and ids that are commands of IMAP or SMTP",
        "refused before the server hears them",
        "edge/imap/test_injection.py::test_every_method_of_the_guard_refuses_control_characters",
        "edge/smtp/test_threats.py::test_a_strange_address_is_refused_before_anybody_hears_of_it",
        "injection/test_injection.py::test_a_real_server_hears_no_command_more",
    ),
    _danger(
        "STARTTLS stripped, or words slipped in before it",
        "no password is sent",
        "edge/smtp/test_threats.py::test_starttls_never_falls_back",
        "edge/imap/test_login.py::test_without_starttls_no_login_is_sent",
        "edge/imap/test_login.py::test_an_answer_smuggled_in_front_of_tls_is_forgotten",
    ),
    _danger(
        "bombs",
        "bounded time and memory, and the daemon stays awake",
        "hostile/test_hostile_mail.py::test_no_bomb_costs_more_than_it_may",
        "edge/test_worker.py::test_the_address_space_is_limited",
    ),
    _danger(
        "a mail that shows a person something else, or writes on the screen",
        "text only, and nothing in it moves the cursor",
        "cli/test_show.py::test_a_mail_cannot_write_over_the_page",
        "cli/test_text.py::test_harmless",
    ),
    _danger(
        "pictures and links that tell that a mail was read",
        "no address of a mail is ever fetched",
        "cli/test_alerts.py::test_a_daemon_without_a_webhook_or_heartbeat_has_no_http_client",
        "test_house.py::test_each_room_uses_only_the_libraries_it_may",
    ),
    _danger(
        "somebody else in the browser or on the computer approves",
        "there is no page and no socket to do it by",
        "guards/test_guards.py::test_nothing_listens_but_the_sandbox",
    ),
    _danger(
        "a mail that is a template",
        "values are never templates",
        "draft/test_templates.py::test_values_are_never_templates",
        "draft/test_write.py::test_template_payloads_stay_text",
    ),
    _danger(
        "names of attachments that are paths",
        "what is kept bears its hash; a name is only shown",
        "edge/store/test_raw.py::test_what_is_no_hash_never_becomes_a_path",
        "edge/store/test_raw.py::test_the_file_bears_the_hash_and_is_for_its_owner_only",
    ),
    _danger(
        "our notes, or another case's words, in a letter",
        "no letter holds them",
        "binding/test_strangers.py::test_no_letter_says_what_belongs_to_another_case_or_to_us",
        "draft/test_write.py::test_what_is_not_for_the_other_side_is_never_written",
    ),
    _danger(
        "a person who approves everything",
        "what is unproven is typed; many are confirmed with their differences; the caps hold",
        "stories/test_adopting.py::test_its_letter_is_approved_by_typing_the_addressee",
        "cli/test_answers.py::test_approve_all_asks_and_there_is_nobody_to_ask",
        "stories/test_flood.py::test_even_a_person_who_approves_everything_writes_to_few",
    ),
    _danger(
        "passwords in logs, files and crashes",
        "hidden, or never there",
        "binding/test_strangers.py::test_the_password_is_in_no_log_no_crash_and_no_file",
        "edge/test_log.py::test_nothing_comes_through",
        "edge/test_secrets.py::test_a_file_that_others_can_touch_is_refused_with_the_remedy",
    ),
    _danger(
        "a token that is stolen, or may do too much",
        "no token is kept: a command of the operator gives one for each line",
        "edge/smtp/test_postfix.py::test_a_token_from_a_command",
        "edge/test_secrets.py::test_neither_repr_nor_errors_show_it",
    ),
    _danger(
        "personal data for ever",
        "erased from every file, while the diary still proves itself; a legal hold prevents it",
        "cli/test_erase.py::test_nothing_of_the_address_is_left",
        "cli/test_erase.py::test_a_legal_hold_stops_it_until_it_is_lifted",
    ),
    _danger(
        "a mail that talks to a language model",
        "none reads or writes here",
        "test_house.py::test_each_room_uses_only_the_libraries_it_may",
    ),
    _danger(
        "a library that turned bad",
        "pinned by hash, and looked up in the list of known holes",
        "audit/test_audit.py::test_a_planted_vulnerable_release_is_reported",
        "test_house.py::test_the_pinned_dependencies_name_no_place_to_fetch_from",
    ),
)

#: How a letter in doubt is settled: only by one of these.
PROOFS: tuple[Danger, ...] = (
    _danger(
        "our own copy arrives",
        "proven, and the wait counts from the body",
        "stories/test_in_doubt.py::test_our_own_copy_proves_it_and_the_wait_counts_from_the_body",
    ),
    _danger(
        "an answer cites it",
        "proven, then held",
        "stories/test_in_doubt.py::test_an_answer_that_cites_it_proves_it_first_and_then_holds",
    ),
    _danger(
        "a bounce cites it",
        "proven to have left",
        "stories/test_in_doubt.py::test_a_bounce_of_the_addressee_proves_that_it_left",
    ),
    _danger(
        "an automatic answer cites it",
        "proven, and the clock runs",
        "stories/test_in_doubt.py::test_an_out_of_office_that_cites_it_proves_it_and_the_clock_runs",
    ),
    _danger(
        "it lies in Sent, where the provider files what it took",
        "proven; searched for by an id of the strict form only",
        "stories/test_in_doubt.py::test_where_the_provider_files_what_it_took_the_sent_mailbox_proves_it",
        "edge/imap/test_injection.py::test_only_a_plain_message_id_is_searched_for",
    ),
    _danger(
        "a person says so",
        "sent: the wait begins; not sent: a draft again, to be approved anew",
        "stories/test_in_doubt.py::test_a_person_who_knows_it_left_starts_the_wait",
        "stories/test_in_doubt.py::test_a_person_who_knows_it_did_not_leave_approves_it_again",
    ),
    _danger(
        "nothing comes",
        "it stays in doubt, in the queue, and is never sent again by itself",
        "stories/test_in_doubt.py::test_it_is_never_sent_again_by_itself",
        "stories/test_in_doubt.py::test_a_sent_mailbox_that_we_fill_ourselves_proves_nothing",
    ),
)
