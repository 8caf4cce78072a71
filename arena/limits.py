"""The limits of the arena that depend on others, or that people are told about.

What belongs here, and how it is checked: `inference.contract.limits`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from inference.contract.limits import ANSWERS, PRESENCE, STREAMS, TEXTS, Limits, ascending


@dataclass(frozen=True)
class Live(Limits):
    """A battle while it is written, from its streams to its browser."""

    read_s: float = 0.4  # how long a reader of streams waits for the next entry
    fresh_s: float = 0.4  # for so long one query serves every tab
    look_s: float = 0.5  # between queries before the first words, in silence, and at the end
    look_idly_s: float = 10.0  # while words arrive; a query also records that somebody watches
    silent_s: float = 2.0  # of a stream, after which the database is asked what happened
    beat_s: float = 5.0  # between heartbeats to the browser
    stale_s: float = 6.0  # silence after which a page that comes back reconnects (line.js)
    deaf_s: float = 12.0  # silence after which any page reconnects (line.js)
    spread_s: float = 0.4  # within which pages come back that all lose their server (line.js)

    def check(self) -> None:
        ascending(
            "a look would be answered by the look before it",
            fresh_s=self.fresh_s,
            look_s=self.look_s,
            look_idly_s=self.look_idly_s,
        )
        ascending(
            "an answer without new text would look dead",
            stream_beat_s=STREAMS.beat_s,
            silent_s=self.silent_s,
        )
        ascending(
            "browsers would leave connections that work",
            beat_s=self.beat_s,
            stale_s=self.stale_s,
            deaf_s=self.deaf_s,
        )


@dataclass(frozen=True)
class Watchdog(Limits):
    """When an answer under way counts as lost."""

    every_s: float = 2.0  # between two watches
    silent_s: float = 5.0  # after its last entry
    lost_s: float = 7.0  # with no task in the queue, and a free slot: it died with its worker
    unserved_s: float = 9.0  # while no live worker serves it
    back_s: float = 40.0  # the same, where nobody else can answer: its worker may be restarting
    result_s: float = 20.0  # complete but not recorded: its result may wait behind other tasks
    overdue_s: float = 10.0  # beyond its patience: its worker should have said so by then
    absent_s: int = 30  # without a browser that watches
    gap_s: int = 4  # without a watch: the broker or the core process was down
    grace_s: float = 12.0  # for workers and browsers to come back after a gap
    grace_every_s: int = 60  # at most one such grace period in this time

    def check(self) -> None:
        ascending(
            "an answer without new text would be asked for twice",
            stream_beat_s=STREAMS.beat_s,
            silent_s=self.silent_s,
            result_s=self.result_s,
        )
        ascending(
            "a worker that has just died would still count as free",
            worker_kept_s=PRESENCE.kept_s,
            lost_s=self.lost_s,
            unserved_s=self.unserved_s,
            back_s=self.back_s,
        )
        ascending(
            "every watch would pass for the first after a gap",
            every_s=self.every_s,
            gap_s=self.gap_s,
        )
        ascending(
            "answers would be given up before their workers are back",
            silent_s=self.silent_s,
            grace_s=self.grace_s,
            grace_every_s=self.grace_every_s,
        )
        for name in ("grace_s", "absent_s"):
            ascending(
                "a battle would be stopped while somebody watches it",
                look_idly_s=LIVE.look_idly_s,
                **{name: getattr(self, name)},
            )


@dataclass(frozen=True)
class AnswerTimes(Limits):
    """How long an answer may take, by its purpose. For battles the operator sets it:
    `ANSWER_SECONDS` and `QUEUE_SECONDS`."""

    answer_s: float = ANSWERS.deadline_s  # from its slot to its last token
    queue_s: float = ANSWERS.patience_s  # from dispatch to its slot
    unserved_s: float = Watchdog.unserved_s  # in the queue, while no live worker serves it

    def check(self) -> None:
        ascending(
            "an answer would be cut off before its silence is noticed",
            silent_s=WATCHDOG.silent_s,
            answer_s=self.answer_s,
        )
        ascending(
            "its stream would expire while it is written",
            answer_and_queue_s=self.total_s,
            stream_kept_s=STREAMS.kept_s,
        )

    @property
    def total_s(self) -> float:
        """From dispatch to when the watchdog gives it up at the latest."""
        return max(self.queue_s + WATCHDOG.overdue_s, self.unserved_s) + self.answer_s


@dataclass(frozen=True)
class Attempts(Limits):
    """Attempts at one answer."""

    of_battle: int = 2  # of one contestant
    of_battle_lost: int = 4  # when the last attempt was lost on the way
    of_batch: int = 3

    def check(self) -> None:
        ascending(
            "a lost attempt, which is no fault of the model, would count like a failure",
            of_battle=self.of_battle,
            of_battle_lost=self.of_battle_lost,
        )


@dataclass(frozen=True)
class Resting(Limits):
    """Contestants that keep failing are not drawn for a while."""

    failures: int = 3  # in a row, in different battles: a single one may be the prompt's fault
    first_s: int = 300  # each rest is twice as long as the one before,
    longest_s: int = 3600  # up to this
    remembered_s: int = 24 * 3600  # failures further apart do not count as in a row

    def check(self) -> None:
        ascending(
            "a contestant's failures would be forgotten while it rests",
            first_s=self.first_s,
            longest_s=self.longest_s,
            remembered_s=self.remembered_s,
        )


RESTING = Resting()


@dataclass(frozen=True)
class Pausing(Limits):
    """Contestants that fail too often, or begin too late, are paused until staff activate them."""

    every_s: float = 60.0
    answers: int = 20  # the last ones, which are looked at
    failed_share: float = 0.5  # of them, that may fail
    first_words_s: float = 60.0  # from its slot, in the median
    remembered_s: int = 24 * 3600

    def check(self) -> None:
        ascending("no number of failures would be enough", failed_share=self.failed_share, all=1)
        ascending(
            "a contestant would be paused before it ever rests",
            resting_failures=RESTING.failures,
            answers_that_fail=self.answers * self.failed_share,
        )
        ascending(
            "its answers would be cut off before they are too late",
            first_words_s=self.first_words_s,
            answer_s=ANSWERS.deadline_s,
        )
        ascending(
            "its failures would be forgotten while it rests",
            every_s=self.every_s,
            longest_rest_s=RESTING.longest_s,
            remembered_s=self.remembered_s,
        )


@dataclass(frozen=True)
class Processes(Limits):
    """Heartbeats of processes, and pulses through the queues."""

    beat_s: float = 1.0
    silent_s: float = 10.0  # without a heartbeat: it does not work
    forgotten_s: float = 3600.0  # until then a dead process is reported as silent
    pulse_s: float = 2.0
    slow_s: float = 6.0  # a queue's delay that is mentioned
    core_late_s: float = 15.0  # a delay that is a problem
    background_late_s: float = 60.0

    def check(self) -> None:
        ascending(
            "live processes would be reported as silent",
            beat_s=self.beat_s,
            silent_s=self.silent_s,
            forgotten_s=self.forgotten_s,
        )
        ascending(
            "an empty queue would be reported as slow",
            pulse_s=self.pulse_s,
            slow_s=self.slow_s,
            core_late_s=self.core_late_s,
            background_late_s=self.background_late_s,
        )


@dataclass(frozen=True)
class Prompts(Limits):
    """What people write."""

    characters: int = 30_000
    turns: int = 50  # of a battle
    of_campaign: int = 100_000  # prompts in one file
    texts: int = 10  # of a contestant on each, in a prepared campaign

    def check(self) -> None:
        ascending(
            "the longest conversation would not fit into any prompt",
            characters_times_turns=self.characters * self.turns,
            text_prompt=TEXTS.prompt,
        )


PROMPTS = Prompts()


@dataclass(frozen=True)
class Campaigns(Limits):
    """What a campaign asks of its voters, and until when."""

    vote_s: int = 3600  # for so long a battle begun before takes its vote
    criteria: int = 4  # that voters are asked about with each vote

    def check(self) -> None:
        ascending(
            "an answer begun in the last second could not be voted on",
            answer_s=ANSWERS.deadline_s + ANSWERS.patience_s,
            vote_s=self.vote_s,
        )


@dataclass(frozen=True)
class Trying(Limits):
    """What staff try contestants with: probes, and chats that count nowhere."""

    answer_tokens: int = 256  # of a probe's answer: its questions need a few words
    at_once: int = 2  # answers of one probe
    queue_s: float = 120.0  # that one may wait for its slot
    look_s: float = 1.0  # between refreshes of a report under way
    advance_s: float = 5.0  # between looks at what a lost message may have left behind

    def check(self) -> None:
        ascending(
            "a report would be refreshed less often than it changes by itself",
            look_s=self.look_s,
            advance_s=self.advance_s,
        )


TRYING = Trying()


@dataclass(frozen=True)
class Reasons(Limits):
    """What voters may say about a vote after it."""

    per_side: int = 7  # of the fourteen that come with the arena
    comment_characters: int = 1_000
    label_characters: int = 60
    changed_s: int = 24 * 3600  # after that, files published with them stay true

    def check(self) -> None:
        ascending(
            "a comment could be longer than what it is about",
            comment_characters=self.comment_characters,
            prompt_characters=PROMPTS.characters,
        )


@dataclass(frozen=True)
class Objections(Limits):
    """What voters may object to, which people have to read."""

    characters: int = 1_000
    of_vote: int = 3
    of_day: int = 5  # of one voter, in 24 hours

    def check(self) -> None:
        ascending("a vote could use up a whole day", of_vote=self.of_vote, of_day=self.of_day)


@dataclass(frozen=True)
class Imports(Limits):
    """Files with votes."""

    uploaded_bytes: int = 1 << 30
    unpacked_bytes: int = 2 << 30  # of an archive
    tallies_bytes: int = 256 << 20  # read at once: files of tallies are small
    batch_bytes: int = 1 << 30  # of Parquet: a small file may decompress to any size
    item_characters: int = 64 << 20  # of a line, or of an item of JSON
    value_characters: int = 16 << 20  # of a CSV file; answers are long
    columns: int = 1_000
    new_models: int = 5_000  # with more, the column can't be one of models
    name_characters: int = 120  # of a contestant
    text_characters: int = 200  # of the other columns
    count: int = 10**9  # of one cell of tallies: more than all arenas together have had
    votes: int = 10**10  # of a file of tallies

    def check(self) -> None:
        ascending(
            "an archive would hold less than a file without one",
            tallies_bytes=self.tallies_bytes,
            uploaded_bytes=self.uploaded_bytes,
            unpacked_bytes=self.unpacked_bytes,
        )
        ascending(
            "no line could hold the longest value",
            text_characters=self.text_characters,
            value_characters=self.value_characters,
            item_characters=self.item_characters,
        )
        ascending(
            "one cell could hold more votes than its file", count=self.count, votes=self.votes
        )


def batch_times(answer_s: float) -> AnswerTimes:
    """Of an answer in a batch, which may take at least as long as one in a battle, and wait for as
    long as its stream then lives."""
    answer_s = max(BATCH.answer_s, answer_s)
    room_s = max(1.0, STREAMS.kept_s - answer_s - WATCHDOG.overdue_s - 1)
    return replace(
        BATCH,
        answer_s=answer_s,
        queue_s=min(BATCH.queue_s, room_s),
        unserved_s=min(BATCH.unserved_s, room_s),
    )


LIVE = Live()
WATCHDOG = Watchdog()
BATCH = AnswerTimes(answer_s=300.0, queue_s=300.0, unserved_s=600.0)  # nobody waits for it
LABELLING = AnswerTimes(answer_s=120.0, queue_s=120.0)
ATTEMPTS = Attempts()
PAUSING = Pausing()
PROCESSES = Processes()
OBJECTIONS = Objections()
REASONS = Reasons()
IMPORTS = Imports()
CAMPAIGNS = Campaigns()
OUTLASTED_S = 60.0  # for so long a task tries again while the broker is unavailable
