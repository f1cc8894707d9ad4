# Texts for people, in English. Plain and kind; the same messages with the same arguments as in sr-Cyrl.ftl.

### Answers when something is wrong: a title and what to do

problem-bad_request = The request is not right
    .detail = We could not read what was sent. Please check it and send it again.
problem-unauthenticated = Please sign in
    .detail = Sign in and try again. If you were signed in before, your time has run out.
problem-wrong_credentials = The address or the password is wrong
    .detail = Please check both and try again. If you forgot the password, you can ask for a link to set a new one.
problem-totp_required = A code from your phone is needed
    .detail = Please add the six-digit code from the authenticator on your phone, or one of your recovery codes. If you have not set one up yet, do so first: your role needs it.
problem-step_up_required = Please confirm that it is you
    .detail = Before this step, enter the code from your phone once more, or your password if you have no second factor; then repeat the step.
problem-suspended = Your roles are suspended
    .detail = An administrator of the fund suspended your roles, so this step is not possible for now. You can sign in, and what you have as an applicant stays yours. If you think this is a mistake, please write to the fund.
problem-forbidden = Your role does not allow this
    .detail = Your account may not take this step. If you think it should, please ask an administrator of the fund.
problem-not_found = Not found
    .detail = This does not exist, or it is not open to your account. Please check the address.
problem-method_not_allowed = This cannot be done here
    .detail = This address does not take requests of this kind.
problem-not_acceptable = We cannot answer in the form you asked for
    .detail = Here we answer in JSON only.
problem-timeout = It took too long
    .detail = The request did not arrive in time and was ended. Please check your connection and try again.
problem-conflict = This is not possible now
    .detail = Please look at how things stand now, and decide again.
problem-stale = It was changed in the meantime
    .detail = Somebody changed this before you, so your change was not saved. Load it again and decide.
problem-precondition_required = The version you are changing is missing
    .detail = Send the If-Match header with the tag you got when reading, so that you do not undo another's change.
problem-payload_too_large = Too much was sent
    .detail = What you are sending is larger than we can take. Please make it smaller and send it again.
problem-headers_too_large = The headers of the request are too large
    .detail = We cannot read so much. Please send fewer or shorter headers.
problem-unsupported_media_type = We do not take this form
    .detail = Send the data as JSON, with the header Content-Type: application/json.
problem-unsupported_content_encoding = We do not take compressed data
    .detail = Send the data as it is, without the Content-Encoding header.
problem-csv_expected = A CSV file is needed
    .detail = Send the file with the header Content-Type: text/csv, in UTF-8 and not compressed.
problem-invalid = Some of the data is not right
    .detail = Please look at the fields that are marked, correct them and send them again.
problem-idempotency_key_missing = The key of the request is missing
    .detail = Send the Idempotency-Key header, so that the same request is not carried out twice.
problem-idempotency_key_invalid = The key of the request is not right
    .detail = The Idempotency-Key header should be a short row of letters and digits, a UUID for example.
problem-idempotency_mismatch = This key was used before
    .detail = We already have a different request under the same key. Please use a new key for a new request.
problem-too_many_requests = Too many tries
    .detail = { $seconds ->
        [one] Please wait { $seconds } second and try again.
       *[other] Please wait { $seconds } seconds and try again.
    }
problem-busy = We are too busy at the moment
    .detail = { $seconds ->
        [one] Your request was not carried out. Please try again in { $seconds } second.
       *[other] Your request was not carried out. Please try again in { $seconds } seconds.
    }
problem-uploads_running = Other files are being taken at the moment
    .detail = { $seconds ->
        [one] Only a few long files are taken at once, and nothing of yours was kept. Please send it again in { $seconds } second.
       *[other] Only a few long files are taken at once, and nothing of yours was kept. Please send it again in { $seconds } seconds.
    }
problem-documents_running = Other documents are being taken at the moment
    .detail = { $seconds ->
        [one] Only a few documents are taken at once, and nothing of this one was kept. Please send it again in { $seconds } second.
       *[other] Only a few documents are taken at once, and nothing of this one was kept. Please send it again in { $seconds } seconds.
    }
problem-downloads_running = Other documents are being sent out at the moment
    .detail = { $seconds ->
        [one] Only a few documents are sent out at once. Please ask for this one again in { $seconds } second.
       *[other] Only a few documents are sent out at once. Please ask for this one again in { $seconds } seconds.
    }
problem-documents_unavailable = Documents cannot be taken or shown at the moment
    .detail = It is not your fault. What you have written is kept. Please try again a little later, and write to the fund if it stays so.
problem-document_too_large = The document is too large
    .detail = A document may have 10 megabytes (10,485,760 bytes) at most. Please scan it in a lower quality, or send it in parts.
problem-document_type_unknown = We cannot take a file of this kind
    .detail = We take { $types }. What a file is we tell by what is in it, not by its name. Please save the document as one of these.
problem-document_damaged = The file is damaged
    .detail = We could not read it from its beginning to its end. Please open it, save it anew and send it again.
problem-document_too_many_pixels = The picture is too large
    .detail = A picture may have 100 megapixels at most, and 20,000 on each side. Please make it smaller and send it again.
problem-document_moving = This is a film or a moving picture
    .detail = Please send a picture that does not move, or a document without films and sounds.
problem-document_polyglot = There is something else in the file too
    .detail = A file must be one document and nothing besides. Please save the document anew and send it again.
problem-document_holds_files = There are other files in the document
    .detail = We take no archives, and no documents with other files inside. Please send each document by itself.
problem-document_holds_program = The document is not only for reading
    .detail = There is a program or a form in it that starts or sends something. Please print it to a new PDF file and send that.
problem-document_encrypted = The document is locked
    .detail = Please save it without a password and send it again. We keep it encrypted.
problem-document_too_much_inside = There is too much in the document
    .detail = What is packed in it is larger than we can take. Please print it to a new PDF file and send that.
problem-internal = Something went wrong on our side
    .detail = It is not your fault. Please try again a little later. If you ask for help, please quote: { $request_id }

### What is wrong with one field

field-json = We could read this as JSON only as far as { $place } (line:column).
field-no_object = This is JSON, but fields in braces are needed.
field-missing = This field is needed.
field-unknown = There is no such field.
field-wrong_type = The value is of the wrong kind.
field-too_long = { $limit ->
    [one] At most { $limit } character is allowed.
   *[other] At most { $limit } characters are allowed.
}
field-too_short = { $limit ->
    [one] At least { $limit } character is needed.
   *[other] At least { $limit } characters are needed.
}
field-email = This is not an e-mail address.
field-password_wrong = This is not your current password.
field-password_common = Many people use this password and it is easily guessed. Please choose another, such as a few words that only you know.
field-language = The language can be sr-Cyrl, sr-Latn or en.
field-date = Write a day that exists, in the form 2020-07-16.
field-instant = Write date, time and offset, in the form 2020-07-16T00:00:00+02:00.
field-end = Write a day, 2027-12-31, or a moment with its offset, 2027-12-31T12:00:00+01:00.
field-amount = Write an amount that is not below zero, with at most two decimals, in quotation marks: "30000.00".
field-rate = Write dinars for one unit of the currency, above zero, with at most eight decimals, in quotation marks: "117.1".
field-currency = Write the code of a currency: three capital letters.
field-ledger_account = There is no account of this name in the books.
field-flag = Allowed is true or false.
field-number = Write a whole number, zero or more.
field-score = Write a whole number from 0 to 100.
field-list = This must be a list of at most 100 items.
field-id = This is not an id.
field-cursor = This cursor does not belong to this list.
field-limit = A page can have 1 to 100 rows.
field-word = Allowed is one of: { $expected }.
field-jmbg = This personal number (JMBG) cannot be right: it has 13 digits, and the last one checks the others. Please compare it with your identity card.
field-account = This account cannot be right: it has three parts, such as 205-351975-08. Please compare it with a statement or card of your bank.
field-household_size = Write how many people live from the same income, you included: from 1 to 50.
field-programme_unknown = One of these codes is not among the aid programmes of this call.
field-not_mergeable = These cannot be merged: two different applications in the same call are needed.
field-answer_not_theirs = The applicant answers this: the fund writes down an answer only for an application that it entered.
field-application_refused = It is about the application { $reference }.
field-headings_missing = The first line must hold the headings: { $expected }.
field-token = The link is not valid: it may have run out or been used. Please ask for a new one.
field-code = The code is wrong or has run out.
field-past = This time has passed. Please choose a later one.
field-amount_too_large = This is too large: in dinars it can be at most { $most }. Please look at the amount again.
field-row_amount_too_large = This amount is too large. Please look at it again.
field-number_too_large = This number is too large: it can be at most { $most }.
field-number_unreadable = The number that ends at { $place } (line:column) is too large to be read.
field-before_authorisation = The bank cannot have made the payment before it was authorised. Please compare the day with the statement.
field-before_execution = The bank cannot give a payment back before it was made.
field-future = This day has not come yet.
field-has_account = This address has an account already. Please leave the password out: yours stays as it is.
field-email_same = This is the address of your account already.
field-absent = There is nothing under this id. Please check it.
field-unfit = This value does not fit. Please check it.
field-twice = This is given twice. Please give it once.
field-control_character = There is a character in it that cannot be seen, or a line break where only one line is allowed. Please type the text again.
field-phone = A telephone number has 5 to 20 digits, and besides them only spaces and + - / ( ) .
field-bank_reference = A bank reference has 1 to 35 signs: Latin letters without accents, digits and / - . (no spaces).
field-if_match = Write the tag as you got it when reading, in its quotation marks: "3". Several are separated by commas; * alone stands for any.
field-idempotency_key = The key may have 1 to 255 letters, digits and signs.
field-too_far = This is too far ahead. A role is given for three years at most.
field-role_not_offered = This role is not given by invitation.
field-not_for_role = This does not go with the role.
field-call_code = The code of a call has 1 to 100 signs: Latin letters without accents, digits and . _ - (no spaces). It begins with a letter or a digit.
field-before = This cannot be earlier than { $other }.
field-not_after = This must be later than { $other }.
field-above = This cannot be more than { $other }.
field-year = Write a day in the years 2000 to 2099.
field-age = Write an age of 120 years at most.
field-universal_disqualifies = Aid that everybody received cannot take anybody’s application out: “ignore” it.
field-above_zero = This must be above zero.
field-currency_dinar = The books of the fund are in dinars: only RSD is possible here.
field-payment_code = A payment code has exactly three digits.
field-empty_list = At least one item is needed.
field-bands_overlap = The limit must be above the one before it.
field-seed_later = The seed of a draw is recorded by itself, after the voting. Please leave it out here.
field-share = Write a share from 0 to 1, in quotation marks: "0.50".
field-minimum_score = Write a score from 0 to 100, with at most four decimals, in quotation marks: "70.5".
field-effect_unsupported = This effect is not possible yet. Please choose disqualify or ignore.
field-document_missing = This document is still to be sent.
field-document_unasked = The call does not ask for such a document.
field-document_code = A code has small Latin letters, digits and underscores, begins with a letter, and has at most 40 characters.
field-documents_many = A call asks for at most 20 documents.
field-columns = The row does not have as many cells as there are headings.
field-not_utf8 = The letters of the row are not written as UTF-8.
field-row_too_long = The row is too long. Probably a quotation mark is missing. Nothing after this row was read.
field-rows_many = There are too many rows: a register has 1,000,000 at most. Please send it in parts.
field-no_rows = There is no row in the file.
field-cell_too_long = The text is too long: at most 200 characters.
field-row_amount = Write an amount as 30000.00 or 30.000,00.
field-row_date = Write a day that exists, as 2020-04-15 or 15.4.2020.
field-jmbg_digits = A personal number (JMBG) has exactly 13 digits.
field-jmbg_date = The personal number (JMBG) begins with a date that does not exist.
field-jmbg_check = The check digit of the personal number (JMBG) is wrong.

### When a rule of the fund says no

refused-account_invalid = The account number is not right. Please check it on your card or in your contract with the bank.
refused-allocated = The money of this call is allocated, and this application was not in it.
refused-allocation_changed = The allocation would now come out differently from what you saw. Please look at it again before you confirm it.
refused-already_applied = There is already an application to this call with this personal number. One person applies once, and cannot apply again in the same call even if the earlier application was withdrawn. If that application is not yours, please write to the fund.
refused-already_sent = This application is sent already, so it is no draft any more. If something in it is not right, correct it in the application itself: name, contact and account can be put right. For anything else, please write to the fund.
refused-already_recused = The recusal from this application is on record already.
refused-amount_differs = The amount the bank paid is not the amount awarded.
refused-application_state = The application is in a state in which this step is not possible.
refused-bank_reference_used = This bank reference is on record with another payout.
refused-budget_above_funds = The budget is above what the fund has received, less fees.
refused-budget_fixed = The allocation is committed, so the budget does not change any more.
refused-call_closed = This call takes no applications at the moment. Please see the dates in the text of the call.
refused-call_exists = A call with this code exists already.
refused-application_over = Nothing happens with this application any more.
refused-clarification_answered = This question is answered already, and the first answer stands. If you want to add something, please write to the fund.
refused-not_merged = This application is not merged into another one.
refused-document_quota = This application has as many documents as it may have: 50 megabytes (52,428,800 bytes) and 50 documents at most. Please take one back before you send another.
refused-document_late = The application is sent, and its documents with it. If one is missing or wrong, please write to the fund.
refused-document_not_awarded = This document is asked only from those who were awarded help. You need not send it now.
refused-correction_fixed = The payment is under way, so name, account and account holder stay as they are for now. If one of them is wrong, please write to the fund: the treasurer can cancel the payment first. E-mail and phone can be changed.
refused-document_fixed = The help is paid, or its payment is approved, so this document stays with the application.
refused-documents_missing = The call wants documents from those who were awarded help, and not all of them are there. Below it says which. The payout can go on once they are sent.
refused-export_too_long = There are more rows than one file holds. Please narrow the filter.
refused-call_not_draft = The call is published already, so this cannot be changed any more.
refused-call_not_open = The call takes no applications at this moment.
refused-call_open = The call still takes applications. The voting opens after that.
refused-call_state = The call is in a state in which this step is not possible.
refused-contribution_needed = Without this contribution the fund would have received less than it has awarded. Please record first what was really received.
refused-contribution_reversed = This contribution is reversed already.
refused-conflict_undeclared = Please declare first whether you have a conflict of interest about this application.
refused-fee_above_funds = This fee is above its gift by more than the fund has left beside what is awarded. Please check the amount and the fee; if they are right, please record first what else was received.
refused-finding_not_open = There is nothing to decide about this finding on this application.
refused-findings_open = There are findings on approved applications that wait for somebody's decision.
refused-jmbg_invalid = The personal number (JMBG) is not right. Please check it on your identity card.
refused-no_reason = A vote needs a reason.
refused-already_paid = This award is paid already. An award is paid once.
refused-not_awarded = Only an application that is awarded is paid. Where a finding waits for a decision, the award is held until then.
refused-nothing_fell_free = The money that became free is not enough for the next on the reserve list.
refused-not_eligible = There is no vote on this application: it is not eligible, or not checked yet.
refused-not_standing_in = A substitute votes only where the member they stand in for is recused.
refused-own_application = Nobody decides about their own application, or about a finding on it. Please ask a colleague.
refused-application_running = One of your applications is under way. Please withdraw it first, or decline its award; then everything can be erased.
refused-roles_held = You hold a role of the fund, and answer for what you do in it. Once the role has ended, everything can be erased.
refused-data_erased = This was erased, because its owner asked for it or because its time was over.
refused-own_award = Nobody prepares or authorises the payout of their own award. Please ask a colleague.
refused-own_payout = A payout is authorised by somebody other than the person who prepared it.
refused-payout_running = The payment of one of these applications is being prepared or on its way. They can be merged or parted once it is over.
refused-payment_running = The payment is being prepared or on its way, so the help cannot be declined here any more. The fund can cancel the payment first.
refused-payment_stopped = A finding came after this payout was authorised, so its money is stopped. If the bank has not paid, cancel the payout. If the bank had paid already, say so when you record it.
refused-payout_other = This is not the payout as it stands. Please load it again and look at it before you authorise it.
refused-payout_changed = Payee, account or amount were changed after it was prepared. Please cancel it, and prepare it anew.
refused-payout_state = The payout is in a state in which this step is not possible.
refused-programme_exists = An aid programme with this code exists already.
refused-reserve_empty = Nobody waits on the reserve list.
refused-reserve_waits = There is a finding on the first on the reserve list that waits for somebody's decision. Please have it decided first.
refused-programme_has_register = The programme has a register of recipients, so it cannot be removed.
refused-register_compared = A register of other aid has just come and is being compared with the applications. Please look again in a moment; if it stays so, an administrator should look at the jobs that failed.
refused-register_state = The register is not in force.
refused-recused = You are recused from this application.
refused-role_not_granted = This role is not given to people.
refused-role_to_oneself = You cannot give a role to yourself. Please ask another administrator.
refused-seat_accepted_before = This person has accepted a seat on this call before. One person can have only one seat on a call, and gets no other even after it has ended.
refused-seat_ended = This seat has ended already.
refused-seat_to_oneself = You cannot give a seat on the committee to yourself. Please ask another administrator.
refused-second_chair = The committee has a chair already.
refused-seed_missing = Lots decide in this call, and the seed is not on record yet.
refused-seed_recorded = The seed of this call is on record already.
refused-upload_running = Another file is being taken for this call. Please wait until that is done and send this one again.
refused-voting_closed = The voting is closed.
refused-voting_open = The voting is not over yet. It ends at its time, or earlier once nobody's vote is missing and no application waits for a decision.

### Where an application stands, and what happens next

status-draft = You have not sent this application yet.
next-draft = Finish it and send it before the call closes. What you have written is kept.
status-draft_closed = You have not sent this application, and the call takes no applications any more.
next-draft_closed = It cannot be sent in this call. What you have written is kept, and you can look at it.
status-submitted = Your application has arrived.
next-submitted = It is being checked. You need not do anything.
status-ineligible = Your application does not meet the conditions of this call.
next-ineligible = Below it says why. If something of it is not right, please write to the fund.
status-needs_review = Your application has arrived, and somebody is looking at it more closely.
next-needs_review = Somebody at the fund is checking what is listed below. If something is needed from you, we will let you know.
status-held_approved = The committee has approved your application. Something was found later, and it waits until a person has decided about that.
next-held_approved = Somebody at the fund decides about what is listed below; until then your place is kept. If something is needed from you, we will let you know.
status-held_awarded = You have been awarded help. Something was found later, and the award waits until a person has decided about that.
next-held_awarded = Somebody at the fund decides about what is listed below; until then the money is set aside and the payment waits. If something is needed from you, we will let you know.
status-held_reserve = Your application is approved. Something is still to be decided, and its place on the reserve list waits for that.
next-held_reserve = Somebody at the fund decides about what is listed below. If something is needed from you, we will let you know.
status-eligible = Your application meets the conditions of the call.
next-asked = The fund has asked you something. Please read it and answer; then the work on your application goes on.
next-asked_decided = The fund has asked you something. Please read it and answer: somebody at the fund reads what you write. The answer alone does not change where your application stands.
next-eligible = The committee reads it and votes. You need not do anything.
status-approved = The committee has approved your application.
next-approved = Next comes the allocation: the money is shared among the approved applications, as far as it goes. You will see the outcome here. You need not do anything.
status-rejected = The committee has not approved your application.
next-rejected = If the call names a time for objections, you can object within it: please write to the fund. Please write to us also if you want to know more.
status-no_quorum = Too few members of the committee voted on your application for a decision.
next-no_quorum = The fund will tell you what happens next.
status-awarded = You have been awarded help.
next-awarded = The fund prepares the payment to your account. You will see here when it is sent.
next-awarded_documents = Before the help is paid to your account, the fund needs this from you: { $titles }. Please send it here.
status-reserve = Your application is approved and stands on the reserve list.
next-reserve = If a place falls free, the next on the list gets it. You need not do anything.
status-unfunded = Your application is approved, but there was not enough money in this call to reach it.
next-unfunded = We are sorry. Nothing more happens in this call. When the fund opens a new call, you can apply again.
status-paid = The help has been paid to your account.
next-paid = Nothing more is needed from you.
status-withdrawn = You have withdrawn this application.
next-withdrawn = Nothing more happens with it.
status-declined = You have declined the help that was awarded to you.
next-declined = Thank you for telling us: it can help somebody else now.
status-merged = This application was merged with another one of yours.
next-merged = What the fund decides on the other application holds for this one. Where you cannot see that one here, please ask the fund.

### What checks find

finding-underage = On the reference date of the call the applicant was not 18 years old.
finding-other_aid = Other aid that excludes this one was received.
finding-other_aid_possible = Somebody of the same name from the same place is in a register of other aid. It may be somebody else, so a person at the fund checks it.
finding-account_holder_differs = The bank account is not in the name of the applicant.
finding-related_to_fund = The applicant, or somebody close to them, works for the fund or its committee.
finding-no_category = The conditions of none of the categories of the call are met.
finding-household_already_applied = Somebody from the same address or household has applied already.
finding-shared_bank_account = The same bank account stands on another application.
finding-excluded_before = What it was excluded for does not stand any more. A person decides whether it is in line for an award again.

### Conditions of categories

condition-income_lost_all = The household lost all of its income.
condition-income_lost_most = The household lost most of its income.
condition-single_parent = The applicant is a single parent.
condition-not_single_parent = The applicant is not a single parent.
condition-other_support = The applicant has other support.
condition-no_other_support = The applicant has no other support.
condition-child_younger_than = There is a child under { $value }.
condition-min_age = The applicant is at least { $value } years old.
condition-lives_alone = The applicant lives alone.
condition-not_alone = The applicant does not live alone.
condition-benefits_at_most = Pension and benefits are at most { $value } dinars a month.

pre_check-closed = This call takes no applications now.
pre_check-note = This is what follows from the rules of the call and what you wrote. Registers of other aid are looked at only once you apply, and the committee decides. Nothing of what you wrote was kept.

receipt =
    Receipt

    Application { $reference }
    Call: { $call }
    Applicant: { $name }
    Received: { $moment }

    The fund has received this application. Its reference code stands for the name everywhere else.

### The rules of a call in plain words

explain-moment = { $date } at { $time }
explain-who = Who can apply, and until when
explain-call = The call: { $title } (code { $code }).
explain-opens = Applications are taken from { $moment }.
explain-closes = The last moment to apply is { $moment }.
explain-clock = All times are those of Belgrade.
explain-adult = Whoever is of age can apply; the day on which ages are counted, yours and your children's, is { $date }.
explain-once = One person sends in one application.
explain-household-one = Only one person of a household can apply.
explain-household-many = Several people of the same household can apply.
explain-merit = Artistic merit is not judged, and you need not be a member of any association.
explain-not = What rules out the aid
explain-window = Other aid counts if it was paid from { $from } to { $until }, both days included.
explain-no-programme = No programme of other aid is named as an obstacle.
explain-disqualifies = Whoever received this cannot apply: { $title } ({ $provider }).
explain-ignored = It does no harm if you received: { $title } ({ $provider }).
explain-declare = Name the aid that you received in your application. The fund also checks it in the lists of those who gave it.
explain-account = The account that the aid is paid to must be in your own name.
explain-related = Members of the committee, those who work for the fund, and their immediate family cannot apply.
explain-categories = The categories, in order of priority
explain-first-fits = You belong to the first category all of whose conditions you meet.
explain-category = Category { $number } – { $title }: { $conditions }.
explain-category-untitled = Category { $number }: { $conditions }.
explain-no-condition = no special conditions
explain-lost-all = your household lost all of its income
explain-lost-most = your household lost most of its income
explain-single-parent = you are a single parent
explain-no-single-parent = you are not a single parent
explain-child = you have a child younger than { $years ->
    [one] { $years } year
   *[other] { $years } years
}
explain-age = you are at least { $years ->
    [one] { $years } year
   *[other] { $years } years
} old
explain-alone = you live alone
explain-not-alone = you do not live alone
explain-benefits = pension and benefits are at most { $amount } dinars a month
explain-support = you have other support
explain-no-support = you have no other support
explain-most-means = Most of the income means: more than { $percent }% of what the household had.
explain-money = How the money is shared
explain-currency = All amounts are in dinars ({ $currency }).
explain-budget = { $amount } dinars are set aside for the aid.
explain-category-order = The money is shared category by category: everybody gets { $amount } dinars. The first category for which it does not suffice shares equally what is left.
explain-minimum = Where such a share would be below { $amount } dinars, that amount goes to as many people as there is money for.
explain-equal-split = Everybody whose application is approved gets the same amount, at most { $amount } dinars.
explain-score-order = { $amount } dinars each go to those with the highest mean score of the committee, in this order, while the money lasts.
explain-score = A mean score of at least { $score } out of 100 is needed.
explain-bands = The amount depends on the income per member of the household. Higher amounts are given first, while the money lasts.
explain-band = Income per member up to { $most } dinars: the aid is { $amount } dinars.
explain-band-all = The aid is { $amount } dinars, whatever the income.
explain-band-last = A higher income per member: the aid is { $amount } dinars.
explain-bands-end = Whoever has a higher income per member gets no aid.
explain-draw = { $amount } dinars each go to those whom a draw finds, while the money lasts.
explain-ticket = Every application has one ticket.
explain-ticket-children = Every application has one ticket, and one more for each child.
explain-rounding = Amounts are rounded down, to a multiple of { $amount } dinars.
explain-reserve = Whoever's application is approved but not reached by the money waits on the reserve list.
explain-seed = The number for the draw is put on public record after the voting, so that anybody can repeat the draw and check it.
explain-equal = Who comes first between equal applications
explain-ties = What decides, in this order: { $criteria }.
explain-tie-children = more children
explain-tie-income = less income per member of the household
explain-tie-tenant = living in a rented home
explain-tie-draw = a draw
explain-tie-reference = Where nothing else decides, the order of the reference codes does.
explain-documents = Which documents are needed
explain-document-needed = Send with your application: { $title }. Without it the application cannot be sent.
explain-document-may = You may send with your application: { $title }.
explain-document-awarded = Only those who are awarded help send: { $title }.
explain-document-awarded-may = Only those who are awarded help may send: { $title }.
explain-document-form = A document can be { $types }, of 10 megabytes at most; all documents of an application together have 50 megabytes at most.
explain-next = What comes next
explain-voting = The committee votes until { $moment }.
explain-appeal = An objection can be made within { $days ->
    [one] { $days } day
   *[other] { $days } days
} from the publication of the preliminary list.
explain-tax = Tax basis: { $basis }
explain-payment-code = The payment code is { $code }.
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
month-of-1 = January
month-of-2 = February
month-of-3 = March
month-of-4 = April
month-of-5 = May
month-of-6 = June
month-of-7 = July
month-of-8 = August
month-of-9 = September
month-of-10 = October
month-of-11 = November
month-of-12 = December

### What data of somebody were opened for, as they read it themselves

data-about =
    This is what the fund holds about you.

    In { $file }:
    - your account: address, language, since when, and your name, where you gave it when you took on a role;
    - every role, seat and invitation of yours, also those that have ended, and where you are signed in;
    - what you began and did not send;
    - each application: what you sent; your discipline, association and category; what the checks found, what people decided on it and why; why the fund withdrew it for you, where it did; what the fund asked and you answered; how the committee decided and when; your award or your place on the reserve list; what was paid to you, on which day and under which number of the bank;
    - a list of your documents, which are files beside it;
    - who read what of you, when and for what.

    Not in it, and why:
    - the votes of the members of the committee, their reasons and the counts: they are secret so that nobody can be put under pressure;
    - who of them stood aside from your application, and why: that tells of them, and who votes on it is secret, too;
    - what you decided or voted about others: that is theirs;
    - passwords, codes and links: the fund cannot read them itself, or they stop working within days;
    - the registers of other aid: they belong to those who give it. What they say about you is among the findings;
    - the log of the fund: it knows you only by the id of your account, and is read by those who check the fund;
    - copies: the same is in encrypted backups, and for seven days in answers that are kept in case a request is repeated;
    - what was erased, on request or because its time was over: the fund no longer has it.

    Keep this as you keep your bank papers.
access-check_eligibility = The fund checked by itself whether the conditions of the call are met, because a register of other aid or another application had changed.
access-review_application = An administrator looked through the application, without the name.
access-vote = A member of the committee read the application, without the name, to vote on it.
access-read_minutes = The name of a member of the committee was read in the list of seats or in the minutes.
access-allocate = The order of the approved applications was worked out, or looked at before it took effect.
access-pay = The payment was prepared, authorised or looked at.
access-manage_roles = An administrator looked after the roles of the fund: at an invitation that you had accepted, or at the end of your seat on the committee.
access-resolve_finding = An administrator needed to know who it is, to decide on something that the check had found.
access-contact_applicant = An administrator needed the contact, to get in touch.
access-answer_request = An administrator needed to know who it is, to answer a request.
access-find_duplicate = An administrator checked whether two applications are from the same person.
access-print_receipt = An administrator printed the receipt of an application that the fund had entered.
access-correct_application = An administrator put right an application that the fund had entered, as its applicant had asked.
access-erase = The fund erased something of yours, because its time was over or you had asked for it. To do so, it had to open the record that held it.

### Roles

role-applicant = applicant
role-administrator = administrator
role-treasurer = treasurer
role-authoriser = authoriser of payouts
role-auditor = auditor
role-chair = chair of the committee
role-member = member of the committee
role-substitute = substitute member of the committee
role-system = system
refused-administrators_exist = The fund has two administrators, or they are invited. They invite everybody else.
refused-invitation_state = This step is not possible with this invitation. Please load it again and see how it stands.
refused-last_administrator = The fund would be left without an administrator. Please invite another one first.
refused-own_suspension = You cannot suspend or restore yourself. Please ask another administrator.
refused-role_ended = This role has ended already.
refused-roles_exclude_each_other = The person holds another role that cannot go with this one on the same call.
refused-second_factor_enrolled = A second factor is set up already. To change it, please remove it first.
refused-second_person = Another administrator than the one who invited must confirm this.
refused-role_held = The person holds this role already. To give it with another end, please end it first.
