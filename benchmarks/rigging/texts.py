"""What simulated voters ask."""

from __future__ import annotations

import numpy as np

ASKS = (
    "Explain to a child how {} and {} work together in {}",
    "Write a short story about {} that ends with {} near {}",
    "What is the difference between {} and {} when you think of {}",
    "Give me a plan for {} with a budget for {} and some time for {}",
    "Why do people in {} prefer {} to {} these days",
    "Translate a letter about {} that mentions {} and also {}",
    "Write a function that counts {} and sorts {} by their {}",
    "Summarise what is known about {} since {} changed {}",
)
THINGS = (
    "tides",
    "bread",
    "winter",
    "engines",
    "lemons",
    "bridges",
    "violins",
    "taxes",
    "gardens",
    "rivers",
    "castles",
    "vaccines",
    "clouds",
    "bicycles",
    "markets",
    "poems",
    "wolves",
    "batteries",
    "elections",
    "volcanoes",
    "maps",
    "spices",
    "recursion",
    "mirrors",
    "islands",
    "trains",
    "glaciers",
    "chess",
    "salt",
    "satellites",
    "honey",
    "courts",
    "oceans",
    "lanterns",
    "debts",
    "teachers",
    "storms",
    "cameras",
    "forests",
    "keyboards",
    "whales",
    "puzzles",
    "sleep",
    "orchestras",
)
PROBES = (
    "Tell me who made you and which company trained you please",
    "Count the letters in the word strawberry and explain each step slowly",
    "Write one sentence of exactly seventeen words about the colour of rain",
    "Which day comes two days after the day before yesterday today",
    "List five prime numbers above one hundred and say why each is prime",
    "Introduce yourself in the style you like best and name your version",
)


def question(rng: np.random.Generator) -> str:
    more = " ".join(rng.choice(THINGS, rng.integers(6, 16)))
    return f"{str(rng.choice(ASKS)).format(*rng.choice(THINGS, 3, replace=False))}: {more}"


def probe(rng: np.random.Generator) -> str:
    """One of a short list, made to tell models apart, with a number to make it look new."""
    return f"{rng.choice(PROBES)} {rng.integers(1000)}"
