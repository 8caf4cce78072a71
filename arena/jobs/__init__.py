"""Work on files that somebody asks for in the admin: one model, one runner, one page.

What differs from kind to kind stands in one class, a `Kind`, which `FILE_JOBS` in the settings
names: so a kind may belong to any app, and nothing here knows of it.
"""
