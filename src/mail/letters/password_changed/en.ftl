subject = Your password was changed

body =
    The password of your account was changed just now. If you did this, all is well.

    { alarm }
