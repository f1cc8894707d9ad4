subject = A new password

body =
    You can choose a new password here:

    { $link }

    { good-for } It can be used only once.

    { unasked } Your password stays as it is then.
