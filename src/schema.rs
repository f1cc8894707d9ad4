//! The tables, as diesel sees them on both engines. `migrations/` makes them; a test compares the two.

diesel::table! {
    data_keys (owner_id, class, version) {
        owner_id -> Binary,
        class -> Text,
        version -> Integer,
        master_id -> Binary,
        wrapped -> Binary,
    }
}

diesel::table! {
    current_master (one) {
        one -> Integer,
        master_id -> Binary,
    }
}

diesel::table! {
    wrapping_masters (master_id) {
        master_id -> Binary,
    }
}

diesel::table! {
    written_index_version (one) {
        one -> Integer,
        version -> Integer,
    }
}

diesel::table! {
    jobs (id) {
        id -> Binary,
        kind -> Text,
        lane -> Text,
        subject -> Binary,
        created_at -> BigInt,
        due_at -> BigInt,
        attempts -> Integer,
        done_at -> Nullable<BigInt>,
        failure -> Nullable<Text>,
        dead_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    events (id) {
        id -> Binary,
        kind -> Text,
        recorded_at -> BigInt,
        actor_id -> Nullable<Binary>,
        canonical -> Binary,
        sequence -> Nullable<BigInt>,
    }
}

diesel::table! {
    people (id) {
        id -> Binary,
        name_sealed -> Nullable<Binary>,
        created_at -> BigInt,
    }
}

diesel::table! {
    role_grants (id) {
        id -> Binary,
        person_id -> Binary,
        role -> Text,
        granted_by -> Nullable<Binary>,
        granted_at -> BigInt,
        ends_at -> Nullable<BigInt>,
        call_id -> Nullable<Binary>,
        association -> Nullable<Text>,
        version -> Integer,
    }
}

diesel::table! {
    logins (person_id) {
        person_id -> Binary,
        email_sealed -> Binary,
        email_index -> Binary,
        language -> Text,
        password_hash -> Nullable<Text>,
        totp_sealed -> Nullable<Binary>,
        totp_confirmed_at -> Nullable<BigInt>,
        totp_last_step -> Nullable<BigInt>,
        suspended_at -> Nullable<BigInt>,
        created_at -> BigInt,
        secured_at -> BigInt,
        version -> Integer,
    }
}

diesel::table! {
    recovery_codes (person_id, code_hash) {
        person_id -> Binary,
        code_hash -> Binary,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sessions (id) {
        id -> Binary,
        person_id -> Binary,
        device -> Text,
        created_at -> BigInt,
        refreshed_at -> BigInt,
        expires_at -> BigInt,
        proven_at -> BigInt,
        second_factor_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Binary,
        session_id -> Binary,
        issued_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    mail_requests (id) {
        id -> Binary,
        kind -> Text,
        person_id -> Nullable<Binary>,
        email_sealed -> Binary,
        language -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        tries -> Integer,
        old_confirmed_at -> Nullable<BigInt>,
        new_confirmed_at -> Nullable<BigInt>,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    invitations (id) {
        id -> Binary,
        email_sealed -> Binary,
        email_index -> Binary,
        language -> Text,
        role -> Text,
        call_id -> Nullable<Binary>,
        association -> Nullable<Text>,
        substitutes_for -> Nullable<Binary>,
        ends_at -> BigInt,
        invited_by -> Nullable<Binary>,
        invited_at -> BigInt,
        expires_at -> BigInt,
        person_id -> Nullable<Binary>,
        accepted_at -> Nullable<BigInt>,
        confirmed_by -> Nullable<Binary>,
        confirmed_at -> Nullable<BigInt>,
        withdrawn_at -> Nullable<BigInt>,
        version -> Integer,
    }
}

diesel::table! {
    idempotent_answers (key_index, person_id) {
        person_id -> Binary,
        key_index -> Binary,
        fingerprint -> Binary,
        answer_sealed -> Binary,
        created_at -> BigInt,
    }
}

diesel::table! {
    ledger_accounts (id) {
        id -> Binary,
        book -> Text,
        code -> Text,
    }
}

diesel::table! {
    ledger_entries (id) {
        id -> Binary,
        entry_key -> Text,
        book -> Text,
        occurred_on -> Integer,
        recorded_at -> BigInt,
        narration -> Text,
    }
}

diesel::table! {
    ledger_postings (entry_id, position) {
        entry_id -> Binary,
        position -> Integer,
        account_id -> Binary,
        amount -> BigInt,
    }
}

diesel::table! {
    contributions (id) {
        id -> Binary,
        book -> Text,
        donor -> Text,
        amount -> BigInt,
        fee -> BigInt,
        foreign_amount -> Nullable<BigInt>,
        currency -> Text,
        rate -> Text,
        received_on -> Integer,
        note -> Text,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    contribution_reversals (contribution_id) {
        contribution_id -> Binary,
        reason -> Text,
        reversed_by -> Binary,
        reversed_at -> BigInt,
    }
}

diesel::table! {
    calls (id) {
        id -> Binary,
        code -> Text,
        state -> Text,
        rules -> Text,
        budget -> BigInt,
        opens_at -> BigInt,
        closes_at -> BigInt,
        voting_closes_at -> BigInt,
        seed -> Nullable<Text>,
        seed_recorded_at -> Nullable<BigInt>,
        created_at -> BigInt,
        version -> Integer,
    }
}

diesel::table! {
    applications (id) {
        id -> Binary,
        call_id -> Binary,
        person_id -> Binary,
        reference -> Text,
        state -> Text,
        held_from -> Nullable<Text>,
        category -> Nullable<Integer>,
        municipality -> Text,
        discipline -> Text,
        association -> Nullable<Text>,
        submitted_at -> BigInt,
        corrected_at -> Nullable<BigInt>,
        entered_by -> Nullable<Binary>,
        merged_into -> Nullable<Binary>,
        merged_from -> Nullable<Text>,
        jmbg_index -> Binary,
        account_index -> Binary,
        name_index -> Binary,
        household_index -> Binary,
        identity_sealed -> Binary,
        need_sealed -> Binary,
        ranking_sealed -> Binary,
        payment_sealed -> Binary,
        withdrawal_sealed -> Nullable<Binary>,
        version -> Integer,
        need_erased_at -> Nullable<BigInt>,
        identity_erased_at -> Nullable<BigInt>,
        contact_erased_at -> Nullable<BigInt>,
        jmbg_erased_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    application_counts (application_id) {
        application_id -> Binary,
        is_waiting -> Bool,
        state -> Nullable<Text>,
        category -> Nullable<Integer>,
    }
}

diesel::table! {
    drafts (id) {
        id -> Binary,
        call_id -> Binary,
        person_id -> Binary,
        identity_sealed -> Nullable<Binary>,
        need_sealed -> Nullable<Binary>,
        payment_sealed -> Nullable<Binary>,
        created_at -> BigInt,
        changed_at -> BigInt,
        version -> Integer,
    }
}

diesel::table! {
    clarifications (id) {
        id -> Binary,
        application_id -> Binary,
        question_sealed -> Binary,
        asked_by -> Binary,
        asked_at -> BigInt,
        answer_sealed -> Nullable<Binary>,
        answered_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    aid_programmes (id) {
        id -> Binary,
        call_id -> Binary,
        code -> Text,
        provider -> Text,
        level -> Text,
        is_universal -> Bool,
        effect -> Text,
        title -> Text,
    }
}

diesel::table! {
    aid_registers (id) {
        id -> Binary,
        programme_id -> Binary,
        state -> Text,
        record_count -> BigInt,
        imported_at -> BigInt,
        digest -> Nullable<Binary>,
        imported_by -> Nullable<Binary>,
        in_force_at -> Nullable<BigInt>,
        withdrawn_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    aid_records (id) {
        id -> Binary,
        register_id -> Binary,
        jmbg_index -> Nullable<Binary>,
        name_index -> Nullable<Binary>,
        paid_on -> Integer,
        details_sealed -> Binary,
    }
}

diesel::table! {
    findings (application_id, finding) {
        application_id -> Binary,
        finding -> Text,
        status -> Text,
    }
}

diesel::table! {
    resolutions (id) {
        id -> Binary,
        application_id -> Binary,
        finding -> Text,
        resolution -> Text,
        resolved_by -> Binary,
        resolved_at -> BigInt,
        reason_sealed -> Binary,
    }
}

diesel::table! {
    seats (id) {
        id -> Binary,
        call_id -> Binary,
        person_id -> Binary,
        seat -> Text,
        substitutes_for -> Nullable<Binary>,
        association -> Text,
        seated_at -> BigInt,
        ends_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    recusals (application_id, seat_id) {
        application_id -> Binary,
        seat_id -> Binary,
        declared_at -> BigInt,
        reason_sealed -> Binary,
    }
}

diesel::table! {
    conflict_declarations (application_id, seat_id) {
        application_id -> Binary,
        seat_id -> Binary,
        declared_at -> BigInt,
    }
}

diesel::table! {
    votes (id) {
        id -> Binary,
        application_id -> Binary,
        seat_id -> Binary,
        vote -> Text,
        score -> Nullable<Integer>,
        ballot_sealed -> Binary,
        cast_at -> BigInt,
        version -> Integer,
    }
}

diesel::table! {
    decisions (application_id) {
        application_id -> Binary,
        call_id -> Binary,
        reference -> Text,
        outcome -> Text,
        approvals -> Integer,
        rejections -> Integer,
        abstentions -> Integer,
        score_sum -> Integer,
        score_count -> Integer,
        decided_at -> BigInt,
    }
}

diesel::table! {
    allocations (call_id) {
        call_id -> Binary,
        method -> Text,
        budget -> BigInt,
        awarded -> BigInt,
        seed -> Nullable<Text>,
        committed_by -> Binary,
        committed_at -> BigInt,
    }
}

diesel::table! {
    awards (id) {
        id -> Binary,
        call_id -> Binary,
        application_id -> Binary,
        reference -> Text,
        rank -> Integer,
        gross -> BigInt,
        net -> BigInt,
    }
}

diesel::table! {
    award_releases (award_id, turn) {
        award_id -> Binary,
        turn -> Integer,
        reason -> Text,
        released_at -> BigInt,
    }
}

diesel::table! {
    award_reinstatements (award_id, turn) {
        award_id -> Binary,
        turn -> Integer,
        reinstated_at -> BigInt,
    }
}

diesel::table! {
    reserve_places (application_id) {
        application_id -> Binary,
        call_id -> Binary,
        rank -> Integer,
    }
}

diesel::table! {
    unfunded_places (application_id) {
        application_id -> Binary,
        call_id -> Binary,
        rank -> Integer,
    }
}

diesel::table! {
    payouts (id) {
        id -> Binary,
        award_id -> Binary,
        call_id -> Binary,
        reference -> Text,
        state -> Text,
        amount -> BigInt,
        binding -> Binary,
        prepared_by -> Binary,
        prepared_at -> BigInt,
        authorised_by -> Nullable<Binary>,
        authorised_at -> Nullable<BigInt>,
        version -> Integer,
    }
}

diesel::table! {
    executions (id) {
        id -> Binary,
        payout_id -> Binary,
        call_id -> Binary,
        bank_reference -> Text,
        executed_on -> Integer,
        returned_on -> Nullable<Integer>,
    }
}

diesel::table! {
    totals (call_id, dimension, value, state) {
        call_id -> Binary,
        dimension -> Text,
        value -> Text,
        state -> Text,
        people -> BigInt,
        amount -> BigInt,
    }
}

diesel::table! {
    access_journal (id) {
        id -> Binary,
        opened_at -> BigInt,
        person_id -> Nullable<Binary>,
        session_id -> Nullable<Binary>,
        role -> Text,
        purpose -> Text,
        openings -> BigInt,
        subjects -> BigInt,
    }
}

diesel::table! {
    access_subjects (subject_id, opened_at, journal_id) {
        subject_id -> Binary,
        opened_at -> BigInt,
        journal_id -> Binary,
        fields -> Text,
    }
}

diesel::table! {
    access_alarms (person_id) {
        person_id -> Binary,
        raised_at -> BigInt,
    }
}

diesel::table! {
    erasures (subject_id, what) {
        subject_id -> Binary,
        what -> Text,
        erased_at -> BigInt,
        listed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    documents (id) {
        id -> Binary,
        person_id -> Binary,
        call_id -> Binary,
        application_id -> Binary,
        kind -> Text,
        media_type -> Text,
        size -> BigInt,
        sha256 -> Nullable<Binary>,
        name_sealed -> Nullable<Binary>,
        object_name -> Text,
        uploaded_at -> BigInt,
        removed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    document_leftovers (object_name) {
        object_name -> Text,
        since -> BigInt,
    }
}

diesel::joinable!(aid_records -> aid_registers (register_id));
diesel::joinable!(aid_registers -> aid_programmes (programme_id));
diesel::joinable!(ledger_postings -> ledger_accounts (account_id));
diesel::joinable!(ledger_postings -> ledger_entries (entry_id));
diesel::joinable!(votes -> seats (seat_id));
diesel::joinable!(recusals -> seats (seat_id));
diesel::joinable!(conflict_declarations -> seats (seat_id));
diesel::joinable!(access_subjects -> access_journal (journal_id));
diesel::joinable!(executions -> payouts (payout_id));
diesel::joinable!(payouts -> awards (award_id));
diesel::joinable!(award_releases -> awards (award_id));

diesel::allow_tables_to_appear_in_same_query!(aid_records, aid_registers, aid_programmes);
diesel::allow_tables_to_appear_in_same_query!(ledger_postings, ledger_accounts, ledger_entries);
diesel::allow_tables_to_appear_in_same_query!(contributions, contribution_reversals);
diesel::allow_tables_to_appear_in_same_query!(sessions, logins, role_grants, data_keys);
diesel::allow_tables_to_appear_in_same_query!(
    executions,
    payouts,
    awards,
    award_releases,
    award_reinstatements,
    reserve_places
);
diesel::allow_tables_to_appear_in_same_query!(applications, clarifications);
diesel::allow_tables_to_appear_in_same_query!(votes, recusals, conflict_declarations, seats);
diesel::allow_tables_to_appear_in_same_query!(access_journal, access_subjects);
