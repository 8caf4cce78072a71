"""The one error of the embedded servers: a sentence for the operator."""


class EmbeddedError(Exception):
    """Something the operator has to put right; the message says what and how."""
