//! The letters in English, as people get them.

use super::{asked_for, told, told_to_officers};
use crate::language::Language;

#[test]
fn what_people_ask_for() {
    insta::assert_snapshot!(asked_for(Language::English), @r#"
    == confirm_registration: Please confirm your address

    Hello,

    An account with us was asked for with this address. To open it, please confirm the address with this link:

    https://example.org/l?t=Ab_9

    The link works for 24 hours from when it was asked for.

    If you did not ask for this, you need not do anything. No account will be opened then.

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti

    == already_registered: You have an account already

    Hello,

    A new account was asked for with this address, but you have one with us already. You can sign in here:

    https://example.org/l?t=Ab_9

    If you forgot your password, you can ask for a new one on the same page. If you did not ask for this, you need not do anything.

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti

    == sign_in_link: Your link to sign in

    Hello,

    You can sign in to your account with this link:

    https://example.org/l?t=Ab_9

    or by writing this code on the page:

    012345

    Link and code are good for 10 minutes and can be used only once.
    After five wrong codes the code no longer works; the link still does.

    Please do not pass them on or read them out to anybody, not even to those who say they call from the fund.

    If you did not ask for this, you need not do anything.

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti

    == no_account: There is no account with this address

    Hello,

    Somebody tried to sign in with this address, but there is no such account with us. Perhaps you opened yours with another address.

    You can open a new account here:

    https://example.org/l?t=Ab_9

    If you did not ask for this, you need not do anything.

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti

    == reset_password: A new password

    Hello,

    You can choose a new password here:

    https://example.org/l?t=Ab_9

    The link works for 1 hour from when it was asked for. It can be used only once.

    If you did not ask for this, you need not do anything. Your password stays as it is then.

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti
    "#);
}

#[test]
fn what_they_are_told() {
    insta::assert_snapshot!(told(Language::English), @r#"
    == password_changed: Your password was changed

    Hello,

    The password of your account was changed just now. If you did this, all is well.

    If this was not you, please write to us at once at pomoc@example.org.

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti

    == second_factor_changed: The second factor of your account was changed

    Hello,

    The codes that confirm it is you who signs in were set up or removed just now. If you did this, all is well.

    If this was not you, please write to us at once at pomoc@example.org.

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti

    == confirm_new_email: Please confirm your new address

    Hello,

    It was asked that this become the address of an account with us. If you asked for it, please confirm it here:

    https://example.org/l?t=Ab_9

    The link works for 24 hours from when it was asked for.

    If you did not ask for this, you need not do anything.

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti

    == confirm_old_email: A change of your account's address was asked for

    Hello,

    It was asked that the address of your account become n***@example.org. If you asked for it, please confirm it here:

    https://example.org/l?t=Ab_9

    The link works for 24 hours from when it was asked for. Until you confirm, your address stays this one.

    If you did not ask for it, do not open the link: somebody else may know your password. Please change it and write to us at pomoc@example.org.

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti

    == email_changed: The address of your account was changed

    Hello,

    The address of your account was changed just now. From now on we write to the new address; this is the last letter to this one.

    If this was not you, please write to us at once at pomoc@example.org.

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti

    == session_ended_for_reuse: We signed you out as a precaution

    Hello,

    We noticed that the same access to your account was used from two places. This can mean that somebody copied it, so we closed it as a precaution.

    Please sign in again. If you are not sure that all is well, please change your password or write to us at pomoc@example.org.

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti
    "#);
}

#[test]
fn what_officers_are_told() {
    insta::assert_snapshot!(told_to_officers(Language::English), @r#"
    == invitation: An invitation to work with the fund

    Hello,

    Fond solidarnosti invites you to take part in its work. Your role: treasurer.

    You can accept the invitation here:

    https://example.org/l?t=Ab_9

    Before the role works, you need to set up the codes on your phone that confirm it is you (the second factor). If you have done so already, you need not do anything.

    The invitation is good for 7 days. If you did not expect it, you need not do anything.

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti

    == role_given: You were given a new role

    Hello,

    Your account has a new role: authoriser of payouts. You will see it when you next sign in.

    Before the role works, you need to set up the codes on your phone that confirm it is you (the second factor). If you have done so already, you need not do anything.

    If you did not expect this, please write to us at pomoc@example.org.

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti

    == application_received: We have your application K7QM-2X9D

    Hello,

    We have received your application. Its reference code is K7QM-2X9D: please keep it, we use it in place of your name.

    Where it stands, and what happens next, you can always see here:

    https://example.org/l?t=Ab_9

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti

    == clarification_asked: A question about your application K7QM-2X9D

    Hello,

    We have a question about your application K7QM-2X9D. Please read and answer it here:

    https://example.org/l?t=Ab_9

    An answer helps us to decide; nothing else is needed from you now.

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti

    == roles_suspended: Your roles in the fund are suspended

    Hello,

    An administrator of the fund suspended your roles, so that the steps they allow are not possible for now. As a precaution we signed you out wherever you were signed in.

    Your account stays: you can sign in again, and all that you have as an applicant is still yours.

    If you think this is a mistake, or do not know why it happened, please write to us at pomoc@example.org.

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti

    == roles_restored: Your roles in the fund work again

    Hello,

    An administrator of the fund restored your roles. All that they allowed is possible again, unless one of them has come to its end meanwhile.

    If you have questions, please write to us at pomoc@example.org.

    If you need help, please write to us at pomoc@example.org.

    Fond solidarnosti
    "#);
}
