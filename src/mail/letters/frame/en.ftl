# The frame of every letter, and sentences that return.

opening = Hello,

closing =
    If you need help, please write to us at { $help }.

    { $fund }

unasked = If you did not ask for this, you need not do anything.

alarm = If this was not you, please write to us at once at { $help }.

good-for = { $hours ->
        [one] The link works for { $hours } hour from when it was asked for.
       *[other] The link works for { $hours } hours from when it was asked for.
    }

second-factor = Before the role works, you need to set up the codes on your phone that confirm it is you (the second factor). If you have done so already, you need not do anything.
