subject = A question about your application { $reference }

body =
    We have a question about your application { $reference }. Please read and answer it here:

    { $link }

    An answer helps us to decide; nothing else is needed from you now.
