"""The promises that every change must keep, in one index: what may never happen, and the test that shows that it does not.

A promise without a line here is not kept by anyone. `tests/test_promises.py` holds that each test named here is there.

Who gets in
  AN2  a burst of guesses is ten guesses
         tests/web/test_front_door.py::test_fifty_guesses_at_once_are_ten
  AN3  guesses lock nobody out for good
         tests/web/test_front_door.py::test_guesses_lock_nobody_out_for_good_and_nobody_else_at_all
  AN3  nor do strangers from everywhere
         tests/operations/test_guessing.py::test_guesses_from_many_networks_keep_nobody_out
       no lead acts for an approver
         tests/web/test_people.py::test_an_icb_lead_reaches_nobody_who_has_another_role_now_or_later
       who holds an account is told
         tests/web/test_people.py::test_the_holder_of_an_account_is_told_what_is_done_to_it
  AZ1  every route says who may open it
         tests/test_promises.py::test_every_route_says_who_may_open_it
  AZ1  and lets in just those
         tests/web/test_access_matrix.py::test_every_page_opens_to_whom_the_matrix_says
  AZ1  addresses are kebab-case, ids typed
         tests/test_promises.py::test_addresses_are_kebab_case_and_their_parts_are_typed
  AZ2  someone else's review is a 404
         tests/web/test_reviews.py::test_someone_elses_review_is_the_same_404_as_none_on_every_address
  AZ2  and so is someone else's draft or person
         tests/web/test_swaps.py
  AZ3  lists and searches show just what is theirs
         tests/web/test_reviews.py::test_everyone_sees_exactly_the_reviews_of_the_organisations_that_their_roles_cover
  AZ3  and find just that
         tests/web/test_reviews.py::test_no_search_or_filter_finds_what_is_not_theirs
  AZ5  changed rights bite on the next request
         tests/web/test_sessions.py::test_rights_that_change_bite_on_the_next_request
  AZ5  and so does a form that was open
         tests/web/test_sessions.py::test_a_form_that_was_open_when_rights_changed_does_nothing
  AZ6  nobody gives two of author, assure and accept
         tests/operations/test_four_eyes.py
  AZ7  a form changes only its own fields
         tests/web/test_steps.py::test_a_form_with_forty_names_more_changes_only_its_own_fields
  SE1  what ends a session ends every copy of it
         tests/web/test_sessions.py::test_what_ends_a_session_ends_every_copy_of_it
  SE2  the id changes at sign-in
         tests/web/test_sessions.py::test_the_id_changes_at_sign_in_and_nothing_planted_before_survives
  SE4  an ended session loses no typed work
         tests/web/test_front_door.py::test_what_was_typed_is_there_after_signing_in_again
  SE5  the cookie is bound to its host
         tests/web/test_sessions.py::test_the_cookie_is_bound_to_this_host_and_hidden_from_scripts

What comes in and what goes out
  IN1  malformed input never fails the service
         tests/web/test_malformed.py::test_malformed_input_never_fails_the_service_on_either_database
  IN2  text never becomes markup
         tests/test_promises.py::test_no_template_trusts_a_text_to_be_markup
  IN3  no test reaches another machine
         tests/test_house.py::test_a_test_cannot_reach_another_machine
  IN4  `next` never leaves the site
         tests/web/test_front_door.py::test_next_leads_nowhere_else
  IN5  no change without a token
         tests/web/test_front_door.py::test_a_form_without_a_valid_token_of_this_session_is_refused
  IN5  no GET changes anything
         tests/test_promises.py::test_no_get_changes_anything
  IN6  links never follow the Host header
         tests/web/test_front_door.py::test_the_service_answers_for_its_own_hosts_only
  IN7  a definition can break nothing
         tests/definitions/test_hostile.py
         tests/web/test_hostile_drafts.py
  IN8  no stored pattern can stall a worker
         tests/definitions/test_patterns.py
  IN9  NHS numbers are stopped at the door
         tests/privacy/test_nhs_numbers.py::test_all_of_a_thousand_valid_numbers_are_found
  OU2  security headers on every answer
         tests/web/test_headers.py::test_an_answer_of_any_kind_carries_the_security_headers
         tests/web/test_headers.py::test_the_service_itself_sends_them_with_whatever_it_answers
  OU3  no case text in a log
         tests/web/test_logs.py
  OU1  a workbook of ours computes nothing
         tests/reports/test_workbook.py::test_no_word_becomes_a_formula_or_a_link
       small numbers that are hidden cannot be worked out
         tests/reports/test_suppression.py
  OU4  no case text in an e-mail
         tests/definitions/test_shipped.py::test_messages_carry_nothing_of_a_case
       every page is well made
         tests/test_promises.py::test_every_page_is_well_formed_with_a_title
       every control has its label
         tests/test_promises.py::test_every_control_has_a_label

How reviews move
  WF1  every state can be reached and left
         tests/test_promises.py::test_every_state_can_be_reached_and_left
  WF1  every state, step and role is tried
         tests/operations/test_walks.py::test_every_state_step_and_role_is_open_only_where_it_is_written
  WF1  invariants hold on random walks
         tests/operations/test_walks.py::test_random_walks_keep_every_invariant
  WF1  one place assigns a review's state
         tests/test_promises.py::test_only_the_one_path_gives_a_review_its_state
  WF2  fifty press, one wins
         tests/faults/test_web_kills.py::test_five_people_press_one_button_fifty_times_and_one_wins
  WF3  a repeat has one effect
         tests/faults/test_web_kills.py::test_one_form_sent_fifty_times_has_one_effect_and_one_answer
  WF4  no update goes past what was read
         tests/test_promises.py::test_no_review_is_updated_but_on_the_condition_of_what_was_read
  WF4  two editors: the second sees both
         tests/journeys/test_two_editors.py::test_the_second_of_two_editors_sees_both_versions_and_neither_is_lost
  WF5  a step happens whole or not at all
         tests/web/test_whole_steps.py::test_a_step_cut_anywhere_leaves_nothing_and_can_be_submitted_again
  WF5  operations never commit
         tests/test_promises.py::test_no_operation_commits
  WF6  an edit strands nobody and loses nothing
         tests/operations/test_random_edits.py
  WF6  a killed batch moves no review twice
         tests/faults/test_killed_rebase.py
  WF7  deadlines and days are London's
         tests/test_working_days.py
  WF7  a review counts in the month that people mean
         tests/operations/test_rollups.py
       a correction counts as if it had always been so
         tests/operations/test_corrections.py
       every figure is what a second counter counts
         tests/operations/test_independent_counts.py
       what was frozen is what was known then, and no correction changes it
         tests/operations/test_freezing.py
       what would be another figure today is shown with the reviews that differ
         tests/web/test_frozen_figures.py
       what cannot be is found each night
         tests/operations/test_tie_out.py::test_each_planted_fault_is_found_and_named

How a definition is tried out
       a rehearsal fares as the same steps do live
         tests/operations/test_rehearsing.py::test_a_rehearsal_comes_out_as_the_same_steps_do_live
       and touches nothing live
         tests/operations/test_rehearsing.py::test_nothing_live_is_touched_by_a_rehearsal
       a recorded history differs only where it must
         tests/operations/test_recorded_histories.py::test_under_the_same_definition_every_history_comes_out_the_same
       and nothing that was written is played or told
         tests/operations/test_recorded_histories.py::test_nothing_that_was_written_is_played_or_told

What is kept
  DA1  saved is saved, once
         tests/faults/test_web_kills.py::test_submits_are_saved_once_while_workers_are_killed
  DA2  a database that restarts costs seconds, not data
         tests/faults/test_database_restarts.py
  DA3  a full disk breaks nothing
         tests/faults/test_full_disk.py
  DA4  what happened cannot be altered
         tests/models/test_event.py::test_what_happened_can_be_neither_changed_nor_deleted
  DA4  nor by the role the service signs in as
         tests/models/test_application_role.py
  DA4  who read a review is on record
         tests/web/test_reads.py::test_every_page_that_shows_a_review_leaves_a_row_of_who_read_it
  DA5  tampering shows
         tests/operations/test_history.py::test_every_tampering_is_found_and_the_first_bad_event_is_named
  DA5  and a tail that is cut off
         tests/operations/test_checkpoints.py::test_every_cut_tail_is_found_and_named

What happens by itself
  SC1  each job runs once for its period
         tests/faults/test_schedulers.py::test_four_schedulers_run_each_job_once_for_each_second
  SC1  also a run that a person asked for, and a paused one not at all
         tests/operations/test_steering.py
  SC2  what was missed while it was down is made up once
         tests/jobs/test_stopped.py::test_what_was_missed_while_it_was_down_is_made_up_once
  SC3  a dead scheduler is noticed
         tests/jobs/test_stopped.py::test_a_scheduler_that_is_dead_or_can_do_nothing_is_noticed_within_two_ticks
  SC4  no e-mail is lost
         tests/faults/test_mailers.py::test_no_e_mail_is_lost_and_a_kill_costs_at_most_one_more_copy
  SC4  nor sent by a process that was frozen and thaws
         tests/faults/test_frozen.py
  SC5  whatever a mail server does, each e-mail ends in a true status
         tests/faults/test_mail_servers.py
         tests/jobs/test_mailer.py
  SC6  nobody is nagged twice, or after the end
         tests/operations/test_nagging.py::test_over_two_thousand_weeks_of_reviews_each_person_gets_what_a_simple_model_says
       a year is played: no period left out, no e-mail unaccounted for
         tests/faults/test_a_year.py
  SC7  a clock that jumps breaks nothing
         tests/faults/test_clock_jumps.py
  SC7  and makes no session last
         tests/web/test_sessions.py::test_a_session_begun_while_the_clock_was_ahead_lasts_fifteen_idle_minutes_once_it_is_set_back
  SC7  nor the nights on which clocks change
         tests/jobs/test_stopped.py::test_a_night_on_which_the_clocks_change_doubles_no_period_and_leaves_none_out
  SC8  no name makes a header or a reader
         tests/operations/test_headers_of_letters.py
         tests/test_mail.py::test_a_subject_makes_no_header_and_no_reader

The house
  OP1  it refuses to start unsafe
         tests/test_safety.py
  OP2  a reload drops nothing
         tests/faults/test_reloads.py
       every setting is in the README
         tests/test_settings.py
       rules, operations and pages keep apart
         tests/test_promises.py::test_rules_and_operations_know_only_what_they_may
       every verb of `scrt` explains itself
         tests/test_promises.py::test_every_verb_explains_itself_to_a_newcomer
       what the README links to is there
         tests/test_promises.py::test_every_link_in_what_a_newcomer_reads_leads_somewhere
       the README's history can be played
         tests/test_promises.py::test_the_example_history_opens_what_it_says
       this index names tests that exist
         tests/test_promises.py::test_this_index_names_tests_that_exist
"""
