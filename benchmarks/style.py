"""`make bench-style DATA=answers.jsonl`: how well a bag of words tells models apart.

Each line of the file has a model, a prompt and an answer (`--fields` names them). The classifier
learns from the answers to some prompts and is asked about others. Two figures: the share of answers
whose model it names among all, and how often, of two answers to a prompt, it says which is whose
(a battle, to somebody who knows both models). Nothing of the file is stored.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline

FOLDS = 5
FEWEST = 10  # answers of a model
FIELDS = "model,prompt,result"  # as LLMFAO has them
TOKEN = r"\w+|[^\w\s]|\n+"  # words, marks and line breaks: layout is style, too


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("data", type=Path)
    options.add_argument("--fields", default=FIELDS, help=f"as in the file: {FIELDS}")
    asked = options.parse_args()
    measure(read(asked.data, *asked.fields.split(",")))


Rows = list[tuple[str, str, str]]  # model, prompt, answer


def read(file: Path, model: str, prompt: str, answer: str) -> Rows:
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line]
    rows = [(str(one[model]), str(one[prompt]), str(one[answer])) for one in lines]
    numbers: Mapping[str, int] = defaultdict(int)
    for each, _, _ in rows:
        numbers[each] += 1  # type: ignore[index]
    return [row for row in rows if numbers[row[0]] >= FEWEST and row[2].strip()]


def measure(rows: Rows) -> None:
    models, prompts, answers = (np.array(each, object) for each in zip(*rows, strict=True))
    logs, names = predicted(models, prompts, answers)
    named = float(np.mean(names[logs.argmax(axis=1)] == models))
    told, battles = pairs(models, prompts, logs, names)
    print(
        json.dumps(
            {
                "figure": "style: models told by their answers",
                "models": len(names),
                "answers": len(rows),
                "named": round(named, 4),
                "named_by_chance": round(1 / len(names), 4),
                "told_in_battles": round(told, 4),
                "battles": battles,
            }
        )
    )


Objects = NDArray[np.object_]


def predicted(
    models: Objects, prompts: Objects, answers: Objects
) -> tuple[NDArray[np.float64], Objects]:
    """Log probabilities of all models for each answer, from folds of other prompts."""
    names = np.unique(models)
    logs = np.full((len(models), len(names)), -50.0)
    for learn, ask in GroupKFold(FOLDS, shuffle=True, random_state=0).split(
        answers, groups=prompts
    ):
        words = TfidfVectorizer(
            token_pattern=TOKEN, ngram_range=(1, 2), sublinear_tf=True, min_df=2
        )
        model = make_pipeline(words, LogisticRegression(C=10, max_iter=300))
        model.fit(answers[learn], models[learn])
        columns = np.searchsorted(names, model.classes_)
        logs[np.ix_(ask, columns)] = model.predict_log_proba(answers[ask])
    return logs, names


def pairs(
    models: Objects, prompts: Objects, logs: NDArray[np.float64], names: Objects
) -> tuple[float, int]:
    """How often the likelier of the two ways to assign two answers to their models is right."""
    column = np.searchsorted(names, models)
    by_prompt: dict[str, list[int]] = defaultdict(list)
    for row, prompt in enumerate(prompts):
        by_prompt[prompt].append(row)
    right = battles = 0.0
    for some in by_prompt.values():
        for a, b in combinations(some, 2):
            if column[a] != column[b]:
                as_is = logs[a, column[a]] + logs[b, column[b]]
                exchanged = logs[a, column[b]] + logs[b, column[a]]
                right += float(as_is > exchanged) + 0.5 * float(as_is == exchanged)
                battles += 1
    return right / battles, int(battles)


if __name__ == "__main__":
    main()
