subject = The second factor of your account was changed

body =
    The codes that confirm it is you who signs in were set up or removed just now. If you did this, all is well.

    { alarm }
