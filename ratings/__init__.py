"""Leaderboards: from votes to ratings that say how sure they are."""

VERSION = "0.1.0"  # of Evenhand: files of publications and pyproject.toml say it from here
