"""Tries a contestant out before voters meet it: a few prompts through the real queue and workers,
then checks, each of which says in a sentence what it found."""
