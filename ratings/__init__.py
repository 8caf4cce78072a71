"""Leaderboards: from votes to ratings with their uncertainty."""

VERSION = "0.1.0"  # of Evenhand: publication files and the wheel read it from here
