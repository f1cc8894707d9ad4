subject = We signed you out as a precaution

body =
    We noticed that the same access to your account was used from two places. This can mean that somebody copied it, so we closed it as a precaution.

    Please sign in again. If you are not sure that all is well, please change your password or write to us at { $help }.
