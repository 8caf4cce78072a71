"""Honest voters and riggers, as seeded simulations that anything with votes can be tried with."""
