subject = You have an account already

body =
    A new account was asked for with this address, but you have one with us already. You can sign in here:

    { $link }

    If you forgot your password, you can ask for a new one on the same page. { unasked }
