subject = Your link to sign in

body =
    You can sign in to your account with this link:

    { $link }

    or by writing this code on the page:

    { $code }

    { $minutes ->
        [one] Link and code are good for { $minutes } minute and can be used only once.
       *[other] Link and code are good for { $minutes } minutes and can be used only once.
    }
    After five wrong codes the code no longer works; the link still does.

    Please do not pass them on or read them out to anybody, not even to those who say they call from the fund.

    { unasked }
