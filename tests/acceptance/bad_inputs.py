"""Forty bad inputs: what each must come to, and the tests that hold it there. Numbers are those of the threat list."""

from __future__ import annotations

from typing import NamedTuple

FRAMER, MLLP = "tests/runtime/intake/test_framer.py", "tests/runtime/intake/test_mllp.py"
HTTP, INTAKE = "tests/runtime/intake/test_http.py", "tests/runtime/intake/test_process.py"
SOURCE, FRAMES = "tests/nodes/sources/test_hl7_mllp.py", "tests/nodes/formats/test_hl7_frames.py"
LIMITS, ESCAPES = "tests/nodes/formats/test_hl7_limits.py", "tests/nodes/formats/test_hl7_escapes.py"
FHIR, STRICT = "tests/nodes/sources/test_fhir_inbound.py", "tests/nodes/formats/test_fhir_strict.py"
VALIDATE, MASTER = "tests/nodes/transforms/test_validate.py", "tests/nodes/transforms/test_map_to_master.py"
ENGINE, ANSWERS = "tests/runtime/delivery/test_engine.py", "tests/runtime/delivery/test_http1.py"
SOAP, SFTP = "tests/runtime/test_soap_worker.py", "tests/runtime/test_sftp_worker.py"
RELEASES, FLIPS = "tests/runtime/test_releases.py", "tests/runtime/test_bundle_flips.py"
MLLP_LIMITS = "tests/runtime/intake/test_mllp_limits.py"
HTTP_SENDERS = "tests/runtime/intake/test_http_senders.py"
REPLAY = "tests/runtime/delivery/test_replay.py"
SIGNATURES = "tests/runtime/test_release_signatures.py"
GRAPH, FAULTS = "tests/flows/test_structure.py", "tests/runtime/journal/test_faults.py"


class Bad(NamedTuple):
    """One kind of bad input. ``pages``: tests of its part in the browser."""

    what: str
    outcome: str
    tests: tuple[str, ...]
    pages: tuple[str, ...] = ()


def _in(file: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{file}::test_{name}" for name in names)


BAD_INPUTS = {
    1: Bad(
        "an empty frame", "journalled, no answer, closed",
        _in(MLLP_LIMITS, "an_empty_frame_is_journalled_and_the_connection_closed_without_an_answer"),
    ),
    2: Bad(
        "bytes outside of frames", "passed over up to 4 KiB, then closed",
        _in(MLLP_LIMITS, "bytes_before_a_frame_are_passed_over_up_to_four_kibibytes")
        + _in(FRAMER, "bytes_outside_frames_are_counted_from_frame_to_frame"),
    ),
    3: Bad(
        "a frame without end", "given up at its limit, only its head kept",
        _in(FRAMER, "an_endless_stream_is_given_up_at_the_limit_and_only_its_head_is_kept")
        + _in(MLLP_LIMITS, "a_frame_beyond_its_limit_is_refused_by_its_header_and_the_connection_closed"),
    ),
    4: Bad(
        "two frames in one write", "two answers in order",
        _in(MLLP, "pipelined_frames_are_answered_in_order_and_in_one_write"),
    ),
    5: Bad(
        "a frame that trickles", "given up at the deadline of the whole frame",
        _in(MLLP_LIMITS, "a_frame_must_be_whole_by_its_deadline_however_steadily_it_trickles"),
    ),
    6: Bad(
        "an end of frame inside a value", "AR, closed",
        _in(MLLP_LIMITS, "an_end_of_frame_inside_a_value_is_refused_and_the_connection_closed"),
    ),
    7: Bad(
        "a sender that closes its half", "taken and answered",
        _in(MLLP, "a_half_closed_sender_still_gets_its_answer"),
    ),
    8: Bad(
        "a sender that resets before its answer", "the stored answer when it sends again, one effect",
        _in(MLLP, "a_sender_that_resets_before_its_answer_gets_it_when_it_sends_again"),
    ),
    9: Bad(
        "LF and CRLF as segment ends", "taken, or AR where the source insists on CR",
        _in(FRAMES, "ends_marks_and_batches_leave_one_message", "mixed_ends_are_ends", "a_source_may_insist_on_cr")
        + _in(SOURCE, "a_source_can_insist_on_cr"),
    ),
    10: Bad("delimiters that are equal or missing", "AR", _in(SOURCE, "an_unusable_header_is_rejected")),
    11: Bad(
        "five encoding characters in a short header", "AR; taken where the header is whole",
        _in(SOURCE, "five_characters_in_a_header_that_ends_too_soon_are_refused_like_any_other")
        + _in("tests/acceptance/test_hl7_corpus.py",
              "every_message_is_delivered_once_or_refused_with_place_and_reason"),
    ),
    12: Bad(
        "a version that never was, or none", "AR 203; none is taken where the source declares a default",
        _in(SOURCE, "an_unusable_header_is_rejected", "a_missing_version_can_be_declared")
        + _in("tests/nodes/formats/test_hl7_answers.py", "an_unknown_version_has_its_own_number"),
    ),
    13: Bad(
        "an event that the source does not know", "AR 200, or taken and counted as filtered where the flow says so",
        _in(MLLP, "a_type_that_is_refused_gets_ar_with_reason_and_place_and_no_value")
        + _in(SOURCE, "what_names_no_type_is_never_filtered_as_another_type"),
    ),
    14: Bad(
        "a control id that is empty, endless or invisible", "AR, and never echoed beyond what HL7 allows",
        _in(SOURCE, "an_unusable_header_is_rejected", "only_a_missing_control_id_can_be_made_up_for")
        + _in("tests/nodes/formats/test_hl7_answers.py", "control_characters_and_endless_names_are_not_echoed"),
    ),
    15: Bad(
        "a known control id with another body", "refused, or taken as new and counted, as the source says",
        _in(
            MLLP, "where_the_source_says_so_the_same_identity_with_other_bytes_is_refused",
            "the_same_identity_with_other_bytes_is_a_new_message_and_a_mark_on_the_counter",
        ),
    ),
    16: Bad(
        "a thousand copies at once", "one effect, a thousand answers alike",
        _in(MLLP, "a_thousand_copies_over_fifty_connections_have_one_effect"),
    ),
    17: Bad(
        "bytes that the declared charset does not allow", "AE, never wrong letters; a declared fallback reads them",
        _in(FRAMES, "bytes_that_the_charset_does_not_allow_are_refused_with_their_segment")
        + _in(SOURCE, "a_body_that_cannot_be_read_is_an_error",
              "a_fallback_charset_reads_the_letters_that_the_sender_meant"),
    ),
    18: Bad(
        "byte order marks, UTF-16, surrogates, NUL, overlong forms, turned text", "read, refused, or shown escaped",
        _in(
            FRAMES, "ends_marks_and_batches_leave_one_message", "what_does_not_start_with_a_header_has_no_answer",
            "a_nul_is_refused_with_its_segment", "lone_surrogates_and_overlong_forms_are_refused",
        )
        + _in(SOURCE, "an_unusable_header_is_rejected"),
        _in("tests/designer/test_hostile_text.py", "hostile_names_titles_notes_and_summaries_are_kept_as_text"),
    ),
    19: Bad(
        "broken and endless escapes", "kept as they stand, in linear time, escaped again on the way out",
        _in(ESCAPES, "everything_else_stays_as_it_stands", "undoing_is_total",
            "any_text_written_into_a_leaf_reads_back")
        + _in(LIMITS, "time_is_linear"),
    ),
    20: Bad(
        "twenty thousand segments", "AE by the limit",
        _in(SOURCE, "a_body_that_cannot_be_read_is_an_error")
        + _in(LIMITS, "a_limit_is_named_by_code_and_place", "time_is_linear"),
    ),
    21: Bad(
        "thousands of repetitions, fields, components; a field without end", "AE by the limit, with its place",
        _in(LIMITS, "a_limit_is_named_by_code_and_place", "what_is_just_within_the_limits_is_taken"),
    ),
    22: Bad(
        "a second patient in one message", "AE where the structure has no place for one",
        _in(SOURCE, "a_second_patient_where_there_is_place_for_one_is_never_guessed_away",
            "several_patients_are_taken_where_the_structure_has_places_for_them"),
    ),
    23: Bad(
        "no patient or no encounter", "a case; the key waits where the flow says so",
        _in(VALIDATE, "absent_null_and_empty_are_no_value")
        + _in(REPLAY, "a_key_on_hold_waits_for_its_parked_posting_and_goes_on_after_the_replay")
        + _in("tests/acceptance/test_generated_charges.py",
              "every_line_becomes_the_posting_or_the_case_that_the_generator_says"),
    ),
    24: Bad(
        "dates outside of the calendar, ages above ninety", "a case that repeats no value; 90+",
        _in(VALIDATE, "a_value_has_its_shape_or_is_held")
        + _in(MASTER, "a_time_that_is_none_is_called_so_and_not_a_missing_row")
        + _in("tests/nodes/transforms/test_mask.py", "a_value_is_made_coarser",
              "what_cannot_be_made_coarser_is_redacted_never_passed_on"),
    ),
    25: Bad(
        "quantities that are no decimal", "a case",
        _in("tests/nodes/test_decimals.py", "what_is_refused_is_refused_with_its_reason")
        + _in(MASTER, "what_is_no_quantity_waits_for_a_person_and_is_not_named")
        + _in("tests/nodes/transforms/test_map_fields.py", "what_is_no_decimal_waits_for_a_person_and_is_not_named"),
    ),
    26: Bad(
        "a site's own segment", "left behind unless a flow names it, and refused at approval where it does",
        _in("tests/flows/test_check.py", "free_text_and_a_sites_own_segment_are_refused_as_unknown")
        + _in("tests/nodes/transforms/test_map_fields.py", "the_new_record_has_no_field_but_those_named"),
    ),
    27: Bad(
        "a patient in free text", "the flow is refused at approval; the guard lets nothing else out",
        _in("tests/flows/test_check.py", "free_text_and_a_sites_own_segment_are_refused_as_unknown")
        + _in("tests/runtime/test_guard.py", "anything_else_is_refused_without_a_value"),
    ),
    28: Bad(
        "records under special protection", "no flow that would show them to an ERP is approved",
        _in("tests/flows/test_protected_records.py", "no_erp_receives_what_is_marked_as_protected",
            "a_mark_for_privacy_is_no_better_with_a_pseudonym"),
    ),
    29: Bad(
        "FHIR that two readers read differently, or with rules that nobody knows", "400 without a value",
        _in(STRICT, "a_name_that_stands_twice_is_refused_at_its_place", "what_is_no_number_is_refused_at_its_place",
            "depth_without_end_is_refused_at_once")
        + _in(FHIR, "what_cannot_be_read_one_way_only_is_refused",
              "a_modifier_that_nobody_knows_is_refused_wherever_it_stands")
        + _in(HTTP, "what_is_refused_says_where_and_why_and_never_what")
        + _in(HTTP_SENDERS, "a_body_longer_than_the_limit_is_refused_before_it_comes"),
    ),
    30: Bad(
        "Bundles that contradict themselves", "422, nothing is fetched",
        _in(FHIR, "a_document_that_contradicts_itself_is_refused", "a_condition_may_name_a_system_by_its_address",
            "references_in_a_circle_are_no_contradiction"),
    ),
    31: Bad(
        "addresses and markup in FHIR", "neither fetched nor offered",
        _in(FHIR, "narrative_and_attachments_are_neither_fetched_nor_offered"),
    ),
    32: Bad(
        "a body that plays at an upload", "415 or no resource",
        _in(HTTP_SENDERS, "what_is_no_request_for_us_is_answered_and_the_connection_ends")
        + _in(FHIR, "a_body_that_plays_at_an_upload_is_no_resource"),
        _in("tests/designer/test_guard.py", "a_body_that_does_not_fit_is_refused_with_a_sentence"),
    ),
    33: Bad(
        "X12", "nothing here reads it: no header for MLLP, 415 for HTTP",
        _in(FRAMES, "what_does_not_start_with_a_header_has_no_answer")
        + _in(HTTP_SENDERS, "what_is_no_request_for_us_is_answered_and_the_connection_ends"),
    ),
    34: Bad(
        "answers of a SOAP service", "typed failures; nothing of a fault's text",
        _in(SOAP, "any_other_answer_is_wrong_and_says_how", "entities_are_not_expanded",
            "a_fault_gives_its_code_and_its_declared_name_and_never_its_text",
            "a_worker_answers_from_a_process_of_its_own_and_is_killed_when_it_takes_too_long")
        + _in("tests/runtime/delivery/test_soap.py",
              "an_answer_that_breaks_the_contract_is_a_case_and_says_nothing_of_what_was_in_it",
              "what_passes_by_itself_is_tried_again"),
    ),
    35: Bad(
        "answers of a REST service", "the contract decides; no redirect, no endless wait, nothing unpacked",
        _in("tests/nodes/sinks/test_rest.py", "every_answer_means_something", "an_answer_means_what_the_contract_says",
            "the_wish_for_a_wait_is_read_and_clamped_to_an_hour")
        + _in(ANSWERS, "more_than_the_caps_is_not_read", "what_is_no_answer_is_malformed",
              "silence_ends_at_the_deadline_and_so_does_a_dripping_answer",
              "a_compressed_answer_is_taken_as_it_stands_and_never_unpacked")
        + _in(ENGINE, "a_wrong_answer_is_no_success", "a_conflict_about_our_own_key_is_success"),
    ),
    36: Bad(
        "an SFTP server that changed, breaks or fills up", "refused or waited out; no file twice, none half",
        _in(SFTP, "another_host_key_is_refused_before_anything_is_sent", "what_a_broken_attempt_left_is_cleared_away",
            "a_link_or_a_folder_under_the_name_is_never_followed", "a_full_disk_is_said_and_nothing_half_is_left",
            "a_file_of_its_size_under_its_name_is_there_already")
        + _in("tests/nodes/sinks/test_sftp.py", "a_name_is_a_plain_name_with_its_batch")
        + _in("tests/runtime/delivery/test_sftp.py", "breaks_of_the_server_lose_and_double_nothing"),
    ),
    37: Bad(
        "a broken graph", "findings with their address; text is text",
        _in(GRAPH, "a_cycle_is_drawn_and_its_last_wire_is_the_fix", "dangling_wires_and_unknown_ports_are_each_named",
            "a_hundred_thousand_steps_are_refused_unread", "an_id_that_only_looks_like_another_is_none",
            "a_number_that_two_programs_could_read_differently_is_no_number",
            "names_of_other_languages_objects_are_unknown_keys",
            "an_unknown_key_is_named_with_place_and_near_spelling")
        + _in("tests/flows/test_render.py", "text_of_people_is_text_and_never_markup"),
        _in("tests/designer/test_drafts.py", "a_document_that_cannot_be_kept_is_refused")
        + _in("tests/designer/test_hostile_text.py", "hostile_texts_in_a_picture_stay_text"),
    ),
    38: Bad(
        "a damaged or foreign release", "refused, with a reason of its own",
        _in(FLIPS, "no_flipped_bit_is_let_in", "no_cut_and_no_insertion_is_let_in")
        + _in(SIGNATURES, "a_release_of_another_flow_is_not_what_was_asked_for",
            "two_keys_of_one_person_under_one_statement_are_signature_twice",
            "a_release_holds_until_the_second_it_expires",
            "a_release_sealed_under_a_lower_epoch_no_longer_counts")
        + _in("tests/runtime/test_statement_matrix.py", "only_the_diagonal_verifies"),
    ),
    39: Bad(
        "a clock that jumps", "no repeat becomes new, nothing is destroyed, nothing from the future runs",
        _in(MLLP, "a_jump_of_the_clock_makes_no_repeat_a_new_message")
        + _in("tests/runtime/delivery/test_retention.py", "a_clock_that_jumps_destroys_nothing_for_a_day")
        + _in(SIGNATURES, "a_release_from_the_future_is_refused", "a_root_older_than_one_already_seen_is_rolled_back")
        + _in("tests/runtime/test_activations.py", "a_release_that_has_expired_stops_at_the_next_check"),
    ),
    40: Bad(
        "a disk that is full, read-only or broken; a store or a journal that is put back or taken away",
        "refused or stopped; nothing acknowledged is lost, nothing older runs",
        _in(INTAKE, "a_full_disk_refuses_with_ae_still_journals_it_and_loses_nothing",
            "a_disk_without_even_room_for_refusals_answers_and_counts_them_later",
            "an_io_error_ends_the_process_with_nothing_acknowledged")
        + _in(FAULTS, "after_a_failed_flush_nothing_is_ever_committed_again",
              "a_disk_that_is_full_at_a_checkpoint_breaks_nothing",
              "a_journal_that_cannot_be_written_is_unusable_at_the_start")
        + _in("tests/runtime/test_activations.py", "a_store_that_was_rolled_back_starts_nothing_older",
              "trust_never_falls_below_what_was_seen")
        + _in("tests/runtime/journal/test_taken_away.py",
              "a_commit_into_a_log_without_its_name_is_never_answered_and_never_lost")
        + _in("tests/runtime/test_sealed_state.py", "an_older_state_that_is_put_back_is_noticed_against_the_journal",
              "a_journal_that_is_gone_is_not_made_anew_in_silence"),
    ),
}  # fmt: skip
