subject = A new password

body =
    You can choose a new password here:

    { $link }

    The link can be used only once. { unasked } Your password stays as it is then.
