"""Sessions in the database, by keys that Django could have made: it looks for whatever a cookie
says, and the database refuses to look for a NUL."""

from __future__ import annotations

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def __init__(self, session_key: str | None = None) -> None:
        is_possible = session_key and session_key.isascii() and session_key.isalnum()
        super().__init__(session_key if is_possible else None)
