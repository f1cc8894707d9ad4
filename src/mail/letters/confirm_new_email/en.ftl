subject = Please confirm your new address

body =
    It was asked that this become the address of an account with us. If you asked for it, please confirm it here:

    { $link }

    { good-for }

    { unasked }
