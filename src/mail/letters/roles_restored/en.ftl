subject = Your roles in the fund work again

body =
    An administrator of the fund restored your roles. All that they allowed is possible again, unless one of them has come to its end meanwhile.

    If you have questions, please write to us at { $help }.
