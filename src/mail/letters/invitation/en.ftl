subject = An invitation to work with the fund

body =
    { $fund } invites you to take part in its work. Your role: { $role }.

    You can accept the invitation here:

    { $link }

    { second-factor }

    { $days ->
        [one] The invitation is good for { $days } day. If you did not expect it, you need not do anything.
       *[other] The invitation is good for { $days } days. If you did not expect it, you need not do anything.
    }
