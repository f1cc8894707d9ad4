subject = You were given a new role

body =
    Your account has a new role: { $role }. You will see it when you next sign in.

    { second-factor }

    If you did not expect this, please write to us at { $help }.
