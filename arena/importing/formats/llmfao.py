"""LLMFAO (github.com/dustalov/llmfao): prompts, the answers of 70 models of 2023, and votes by
crowd workers. The folder becomes a prepared campaign that already has votes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from arena.models import PreparedAnswer, Prompt, Revision, Verdict
from inference.contract.endings import FinishReason
from inference.text.thoughts import apart

from .. import fields
from ..characters import UNREADABLE, quoted
from ..contestants import revision_from_elsewhere
from ..encoding import Broken
from ..errors import BadRow, ImportRefused
from ..files import Row, rows
from ..intake import Intake
from ..labelling import labelled, styled
from ..votes import ReadVote, check_name

FILES = ("prompts.jsonl", "models.jsonl", "results.jsonl", "crowd-comparisons.csv")
Found = TypeVar("Found")
Answers = dict[tuple[str, str], str]  # texts by the prompt's key and the model's name
LONGEST_MS = 24 * 60 * 60 * 1000  # the longest plausible time of an answer
VERDICTS = {"left": Verdict.A.value, "right": Verdict.B.value, "tie": Verdict.TIE.value}


def bring(path: Path, intake: Intake) -> None:
    missing = [name for name in FILES if not (path / name).is_file()]
    if missing:
        raise ImportRefused(
            f"{path} lacks {', '.join(missing)}. Give the folder that contains {', '.join(FILES)}."
        )
    models = bring_models(path / "models.jsonl", intake)
    prompts = bring_prompts(path / "prompts.jsonl", intake)
    answers = bring_answers(path / "results.jsonl", intake, prompts, models)
    convert = partial(vote, prompts=prompts, answers=answers)
    intake.take_rows(path / "crowd-comparisons.csv", convert)


def usable(path: Path, convert: Callable[[Row], Found], intake: Intake) -> Iterator[Found]:
    """The converted rows of one file; bad rows are set aside."""
    for line, row in rows(path, lambda done: None):
        try:
            if isinstance(row, Broken):
                raise BadRow(row.reason)
            yield convert(row)
        except BadRow as bad:
            intake.rejects.set_aside(line, f"{path.name}: {bad}", row)


def bring_models(path: Path, intake: Intake) -> dict[str, Revision]:
    """Enter the models. Returns their revisions by the file's ids."""

    def model(row: Row) -> tuple[str, str, str]:
        name = fields.text(row, "name")
        check_name(name)
        return id_of(row, "id"), name, fields.optional(row, "org")

    found = list(usable(path, model, intake))
    organisations = {name: organisation for _, name, organisation in found}
    intake.contestants.enter(organisations, organisations)
    return {id: revision_from_elsewhere(intake.contestants[name]) for id, name, _ in found}


def bring_prompts(path: Path, intake: Intake) -> dict[str, Prompt]:
    def prompt(row: Row) -> tuple[str, Prompt]:
        id, slug, text = id_of(row, "id"), fields.text(row, "slug"), fields.text(row, "text")
        found, _ = Prompt.objects.get_or_create(
            campaign=intake.campaign,
            key=slug[:80],
            defaults={"text": text, "language": "en"},
        )
        return id, found

    return dict(usable(path, prompt, intake))


def bring_answers(
    path: Path, intake: Intake, prompts: dict[str, Prompt], models: dict[str, Revision]
) -> Answers:
    def answer(row: Row) -> PreparedAnswer:
        prompt, revision = prompts.get(id_of(row, "prompt")), models.get(id_of(row, "model"))
        if prompt is None or revision is None:
            raise BadRow("its prompt or its model is missing from the other files")
        said = apart(text_of(row))
        return PreparedAnswer(
            prompt=prompt,
            revision=revision,
            state=PreparedAnswer.State.DONE,
            text=said.answer.strip(),
            thoughts=said.thoughts.strip(),
            finish_reason=FinishReason.STOP,
            total_s=seconds(row.get("duration")),
            engine=fields.optional(row, "api")[:60],
        )

    made = [each for each in usable(path, answer, intake) if each.text]  # skip empty answers
    number(made)
    PreparedAnswer.objects.bulk_create(made, batch_size=500, ignore_conflicts=True)
    # Of several texts, votes do not say which was shown.
    return {(one.prompt.key, one.revision.contestant.name): one.text for one in reversed(made)}


def number(answers: list[PreparedAnswer]) -> None:
    """A model may have several texts on a prompt: in the order of the file, without repetitions."""
    known: dict[tuple[int, int], list[str]] = defaultdict(list)
    for one in answers:
        texts = known[one.prompt_id, one.revision_id]
        if one.text not in texts:
            texts.append(one.text)
        one.number = texts.index(one.text) + 1


def text_of(row: Row) -> str:
    """The text of an answer, without invalid characters such as half an emoji."""
    text = row.get("result")
    if text is not None and not isinstance(text, str):
        raise BadRow(f"'result' is not text but {quoted(text)}")
    return UNREADABLE.sub("", text or "").strip()


def seconds(milliseconds: object) -> float | None:
    if isinstance(milliseconds, int | float) and 0 <= milliseconds < LONGEST_MS:
        return milliseconds / 1000
    return None


def id_of(row: Row, name: str) -> str:
    """An id as text: ids are numbers in some files and texts in others."""
    if not (found := fields.optional(row, name)):
        raise BadRow(f"it has no {name!r}")
    return found


def vote(row: Row, *, prompts: dict[str, Prompt], answers: Answers) -> ReadVote:
    """A was on the left and B on the right of the worker's screen."""
    winner, worker = fields.optional(row, "winner"), id_of(row, "worker")
    if winner not in VERDICTS:
        raise BadRow(f"winner {quoted(winner)} is not one of {', '.join(VERDICTS)}")
    prompt = prompts.get(asked := id_of(row, "prompt"))
    if prompt is None:
        raise BadRow(f"there is no usable prompt {quoted(asked)}")
    shown = id_of(row, "id")
    read = ReadVote(
        model_a=fields.text(row, "left"),
        model_b=fields.text(row, "right"),
        verdict=VERDICTS[winner],
        key=f"{shown}:{worker}",
        voter=f"worker {worker}",
        item=f"{prompt.key}:{shown}",
        language="en",
    )
    shown_texts = (answers.get((prompt.key, name)) for name in (read.model_a, read.model_b))
    return styled(labelled(read, [prompt.text]), *([text] if text else [] for text in shown_texts))
