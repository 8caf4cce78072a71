"""File jobs that staff request in the admin: one model, one runner, one page.

Each kind of job is a subclass of `Kind`, listed in the setting `FILE_JOBS`. So a kind may belong to
any app, and this package depends on none of them.
"""
