"""Backups of the whole database: a file, what writes it, what restores it, and a schedule.

Rows go through PostgreSQL's COPY in one snapshot; tables come from the migrations. So no client
program is needed, the version of the server does not matter, and a backup of an older release can
be restored by a newer one.
"""
