"""The numbers of a batch, to be looked through by a person: which, in what order, with what pictures and decisions.

Nothing here knows of browsers; ``scanner.web.review_app`` shows it.

Constants are choices unless their docstrings say what they were measured on.
"""
