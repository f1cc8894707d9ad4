subject = There is no account with this address

body =
    Somebody tried to sign in with this address, but there is no such account with us. Perhaps you opened yours with another address.

    You can open a new account here:

    { $link }

    { unasked }
