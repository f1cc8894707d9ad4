subject = Your roles in the fund are suspended

body =
    An administrator of the fund suspended your roles, so that the steps they allow are not possible for now. As a precaution we signed you out wherever you were signed in.

    Your account stays: you can sign in again, and all that you have as an applicant is still yours.

    If you think this is a mistake, or do not know why it happened, please write to us at { $help }.
