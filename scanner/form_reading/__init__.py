"""The stages that read a page of which a form is known.

Each is a function from value to value; :mod:`scanner.form_pipeline` lists them in order.
"""
