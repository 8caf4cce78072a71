"""Leaderboards: from votes to ratings that say how sure they are."""
