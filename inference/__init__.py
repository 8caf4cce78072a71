"""Running models: engines, workers, and what travels between them and the arena."""
