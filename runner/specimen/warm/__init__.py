"""Processes from a warm start: a template that has imported libraries is forked, in place of a new interpreter.

`template` is its owner's side, `forking` the template itself, `child` what becomes of a fork. The template imports
libraries only, between requests; what runs in a child is imported there, so that an edit counts at once.
"""
