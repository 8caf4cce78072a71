"""Labels a battle's prompts by deterministic rules: language, categories, length. Works offline.

Does not depend on Django. The rules are in `categories`, their words in `data/words.toml`; a new
slice of the leaderboard is one function there.
"""

from .labelling import SOURCE, Labels, labels_of

__all__ = ["SOURCE", "Labels", "labels_of"]
