"""What a user can put right."""


class InputError(Exception):
    """The file or the request cannot be used; the message says why, and where."""
