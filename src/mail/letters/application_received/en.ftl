subject = We have your application { $reference }

body =
    We have received your application. Its reference code is { $reference }: please keep it, we use it in place of your name.

    Where it stands, and what happens next, you can always see here:

    { $link }
