"""Runs models: engines, workers, and the messages between them and the arena."""
