"""What a battle's prompts are, by deterministic rules: language, categories, length. Offline.

Knows no Django. The rules are in `categories` and their words in `data/words.toml`; a new slice of
the leaderboard is one function there.
"""

from .labelling import SOURCE, Labels, labels_of

__all__ = ["SOURCE", "Labels", "labels_of"]
