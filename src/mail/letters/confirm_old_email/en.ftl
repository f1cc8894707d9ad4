subject = A change of your account's address was asked for

body =
    It was asked that the address of your account become { $new_address }. If you asked for it, please confirm it here:

    { $link }

    { good-for } Until you confirm, your address stays this one.

    If you did not ask for it, do not open the link: somebody else may know your password. Please change it and write to us at { $help }.
