subject = Please confirm your address

body =
    An account with us was asked for with this address. To open it, please confirm the address with this link:

    { $link }

    { good-for }

    { unasked } No account will be opened then.
