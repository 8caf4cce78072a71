"""Adding a contestant in three steps: where it is, its card, trying it. One question per page; the
answers are in the address, so that Back works and nothing is kept for pages never finished."""
