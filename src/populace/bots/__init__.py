"""Visits played in a real browser: who is in it, where on a site each step is found, and what is reported of it.

Whatever Playwright does is done in processes of their own (`worker`), which know neither plan nor database; this
process claims visits, hands them out and records how they went.
"""
