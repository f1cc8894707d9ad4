# The frame of every letter, and sentences that return.

opening = Hello,

closing =
    If you need help, please write to us at { $help }.

    { $fund }

unasked = If you did not ask for this, you need not do anything.

alarm = If this was not you, please write to us at once at { $help }.
