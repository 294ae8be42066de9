"""``migrate``: an application of Flask-CORS, rewritten for this library.

``flask_cors_options`` says what the options of Flask-CORS mean, ``origins``,
``path_rules``, ``options`` and ``policies`` what to write for them; these take plain
values. The other modules read and change source, with libcst (the extra ``migrate``).
"""
