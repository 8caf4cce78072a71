"""Classifiers that learn from some battles and tell the quicker side of others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import vstack
from scipy.stats import rankdata
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler

Floats = NDArray[np.float64]
FOLDS = 5
DRAWS = 2_000  # of the bootstrap
TOKEN = r"w\d+|\w+|[^\w\s]"


@dataclass(frozen=True)
class Learned:
    """What is known of some battles, in pairs of twins: as they are, and as if their sides had been
    exchanged. `truth`: whether A is the quicker side."""

    facts: Floats
    mirrored: Floats
    said: list[str]
    said_mirrored: list[str]
    truth: NDArray[np.bool_]

    @classmethod
    def of(cls, parts: Sequence[Learned]) -> Learned:
        return cls(
            np.concatenate([each.facts for each in parts]),
            np.concatenate([each.mirrored for each in parts]),
            [text for each in parts for text in each.said],
            [text for each in parts for text in each.said_mirrored],
            np.concatenate([each.truth for each in parts]),
        )


def told(given: Learned) -> dict[str, Floats]:
    """Scores by classifier, above 0 for A, each from folds it has not seen; `all` is the mean of
    their ranks. Every battle is learned with its mirror image, so sides as such mean nothing."""
    hashing = HashingVectorizer(
        n_features=2**16, ngram_range=(1, 2), token_pattern=TOKEN, alternate_sign=False,
        lowercase=False,
    )  # fmt: skip
    texts = hashing.transform(given.said), hashing.transform(given.said_mirrored)
    facts = given.facts, given.mirrored
    found = {
        "trees": _by_folds(*facts, _trees, given.truth),
        "linear": _by_folds(*facts, _linear, given.truth),
        "bytes": _by_folds(*texts, _of_bytes, given.truth),
    }
    ranks = [rankdata(each) for each in found.values()]
    return {**found, "all": np.mean(ranks, axis=0)}


def _trees() -> Any:
    return HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.08, max_leaf_nodes=15, random_state=0
    )


def _linear() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1_000))


def _of_bytes() -> Any:
    return make_pipeline(MaxAbsScaler(), LogisticRegression(C=0.1, max_iter=300))


def _by_folds(
    straight: Any, turned: Any, make: Callable[[], Any], truth: NDArray[np.bool_]
) -> Floats:
    groups = np.arange(len(truth)) // 2  # a battle and its twin stay together
    said = np.zeros(len(truth))
    for learn, ask in GroupKFold(FOLDS, shuffle=True, random_state=0).split(said, groups=groups):
        model = make()
        both = np.concatenate([truth[learn], ~truth[learn]])
        model.fit(_both(straight[learn], turned[learn]), both)
        said[ask] = _sure(model, straight[ask]) - _sure(model, turned[ask])
    return said


def _both(a: Any, b: Any) -> Any:
    if isinstance(a, np.ndarray):
        return np.concatenate([a, b])
    return vstack([a, b]).tocsr()


def _sure(model: Any, rows: Any) -> Floats:
    return np.asarray(model.predict_proba(rows)[:, 1])


def auc(said: Floats, truth: NDArray[np.bool_]) -> float:
    return float(roc_auc_score(truth, said))


def interval(said: Floats, truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Of 95%, by drawing battles with their twins again."""
    draw, pairs = np.random.default_rng(0), np.arange(len(truth)).reshape(-1, 2)
    found = []
    for _ in range(DRAWS):
        some = pairs[draw.integers(len(pairs), size=len(pairs))].ravel()
        found.append(auc(said[some], truth[some]))
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)
