"""Leaderboards: from votes to ratings with their uncertainty."""

VERSION = "0.1.0"  # of Evenhand: publication files and pyproject.toml read it from here
