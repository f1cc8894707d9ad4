subject = The address of your account was changed

body =
    The address of your account was changed just now. From now on we write to the new address; this is the last letter to this one.

    { alarm }
