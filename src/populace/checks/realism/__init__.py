"""Whether people look real: other questions than whether they obey their world's documents, with other answers.

A world says which domain its people belong to (`spec.Realism`) and reads them by SQL (`realism/`); what is measured,
and what real products show, is the same for all worlds. See docs/concepts/realism.md.
"""
