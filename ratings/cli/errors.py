"""What a user can put right."""


class InputError(Exception):
    """The file or the request cannot be used; the message says why, and where."""


class UsageError(Exception):
    """Options that do not go together."""
