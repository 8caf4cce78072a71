"""The limits that both sides of the contract must agree on.

Three kinds of numbers belong into the `limits` module of their layer: those that have to be in
order with others, those that say the same thing in several places, and those on what somebody may
send and is told about. A number that is related to nothing stays beside its only use; so do the
limits inside a parser, which only its algorithm explains.

Each group checks itself when it is made: a wrong number ends the process at its start, with a
sentence that names both values. Names end in their unit: `_s` is seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf


@dataclass(frozen=True)
class Limits:
    """A group of limits. Every one is a positive, finite number."""

    def __post_init__(self) -> None:
        """Raises ValueError with a sentence."""
        for name, value in vars(self).items():
            if not 0 < value < inf:
                raise ValueError(f"{name} is {value:,}, but must be above 0 and finite.")
        self.check()

    def check(self) -> None:
        """Compare the limits with each other, and with those of other groups."""


def ascending(otherwise: str, **limits: float) -> None:
    """Raises ValueError unless each limit is below the next. `otherwise` completes the sentence:
    what would happen if it were not."""
    for (name, value), (next_name, next_value) in pairwise(limits.items()):
        if not value < next_value:
            raise ValueError(
                f"{name} is {value:,}, but must be below {next_name}, which is {next_value:,}: "
                f"otherwise {otherwise}."
            )


@dataclass(frozen=True)
class Broker(Limits):
    """Connections to Redis."""

    connect_s: float = 2.0
    reply_s: float = 3.0  # longer means that the broker or the network hangs


@dataclass(frozen=True)
class Presence(Limits):
    """Heartbeats of model workers."""

    beat_s: float = 1.0
    kept_s: int = 4  # a worker counts as alive for this long after its last heartbeat
    seen_s: int = 24 * 3600  # for so long staff are told which worker had served a model

    def check(self) -> None:
        ascending(
            "one late heartbeat would make a live worker look dead",
            twice_beat_s=2 * self.beat_s,
            kept_s=self.kept_s,
        )
        ascending(
            "nobody could be told which worker is gone", kept_s=self.kept_s, seen_s=self.seen_s
        )


@dataclass(frozen=True)
class Streams(Limits):
    """An answer on its way to the browser."""

    write_every_s: float = 0.06  # text is coalesced to about 16 entries a second
    beat_s: float = 1.0  # heartbeat of an answer without new text
    again_s: float = 0.5  # before a retry when the broker is unavailable
    patience_s: float = 30.0  # how long to retry; meanwhile the answers go on
    kept_s: int = 3600  # a stream outlives its last entry by this long, an attempt its dispatch

    def check(self) -> None:
        ascending(
            "heartbeats would come late behind text",
            write_every_s=self.write_every_s,
            beat_s=self.beat_s,
        )
        ascending(
            "a worker would give up before its first retry",
            again_s=self.again_s,
            patience_s=self.patience_s,
        )
        ascending(
            "a worker would retry writing to a stream that has expired",
            patience_s=self.patience_s,
            kept_s=self.kept_s,
        )


@dataclass(frozen=True)
class Results(Limits):
    """Results on their way from workers to the arena."""

    listen_s: float = 1.0  # how long a reader waits at a time
    again_s: float = 10.0  # until another reader takes what a reader has not passed on
    at_once: int = 50

    def check(self) -> None:
        ascending(
            "a reader that waits would look like a broker that hangs",
            listen_s=self.listen_s,
            reply_s=BROKER.reply_s,
            again_s=self.again_s,
        )


@dataclass(frozen=True)
class Answers(Limits):
    """What an answer may take unless its request says otherwise."""

    max_tokens: int = 512
    max_thought_tokens: int = 2048  # before the answer, on top of that
    deadline_s: float = 120.0  # from its slot to its last token
    patience_s: float = 600.0  # from dispatch to its slot
    silence_s: float = 60.0  # of an API; then its connection is closed

    def check(self) -> None:
        ascending(
            "an answer would be cut off before its silent API is noticed",
            silence_s=self.silence_s,
            deadline_s=self.deadline_s,
        )


@dataclass(frozen=True)
class Counting(Limits):
    """Questions to workers about the length of a conversation, asked while a page waits."""

    patience_s: float = 2.0
    listen_s: float = 1.0  # how long a worker listens at a time
    kept_s: int = 5  # after that nobody waits for the reply any more
    most_asked: int = 32  # conversations counted for one prompt; contestants may share one
    most_waiting: int = 64  # questions about the same weights; older ones are dropped

    def check(self) -> None:
        for name in ("patience_s", "listen_s"):
            ascending(
                "waiting for a reply would look like a broker that hangs",
                **{name: getattr(self, name), "reply_s": BROKER.reply_s},
            )
        ascending(
            "a question would be gone before its worker listens again",
            listen_s=self.listen_s,
            patience_s=self.patience_s,
            kept_s=self.kept_s,
        )
        ascending(
            "one prompt would push out its own questions",
            most_asked=self.most_asked,
            most_waiting=self.most_waiting,
        )


@dataclass(frozen=True)
class Asking(Limits):
    """Questions to workers about what is elsewhere, asked while a page of the admin waits."""

    answer_s: float = 10.0  # how long a worker waits for the hub or the API
    patience_s: float = 14.0
    listen_s: float = 1.0  # how long a worker listens at a time
    kept_s: int = 20  # after that nobody waits for the reply any more
    most_waiting: int = 32
    most_files: int = 300  # of a repository that a page offers; usual ones have 30
    most_models: int = 1_000  # of an API; a broker's has 400
    longest_path: int = 300  # characters

    def check(self) -> None:
        ascending(
            "waiting for a reply would look like a broker that hangs",
            listen_s=self.listen_s,
            reply_s=BROKER.reply_s,
        )
        ascending(
            "the page would give up before its worker does",
            answer_s=self.answer_s,
            patience_s=self.patience_s,
            kept_s=self.kept_s,
        )


@dataclass(frozen=True)
class Fetching(Limits):
    """Downloads of weights by workers."""

    report_s: float = 0.5  # between reports of progress
    silence_s: float = 30.0  # of a server; then its connection is closed and opened again
    lease_s: int = 6  # a worker that has not reported for so long has lost its order
    longest_pause_s: float = 300.0  # that a server may ask for
    retries: int = 6  # in a row without a byte
    redirects: int = 6
    spare_bytes: int = 500_000_000  # of the disk, left free
    kept_s: int = 30 * 24 * 3600  # an order outlives its last report by this long

    def check(self) -> None:
        ascending(
            "a late report would look like a dead worker",
            twice_report_s=2 * self.report_s,
            lease_s=self.lease_s,
        )
        ascending(
            "an order would be forgotten while its worker waits for the server",
            silence_s=self.silence_s,
            longest_pause_s=self.longest_pause_s,
            kept_s=self.kept_s,
        )


@dataclass(frozen=True)
class Keys(Limits):
    """API keys that the site has for its workers."""

    sent_s: float = 5.0  # between packets
    kept_s: int = 300  # a worker that is sent none for so long forgets the keys

    def check(self) -> None:
        ascending(
            "a worker would forget its keys because a few packets were late",
            ten_packets_s=10 * self.sent_s,
            kept_s=self.kept_s,
        )


@dataclass(frozen=True)
class Texts(Limits):
    """Texts that a worker takes, from requests and from files."""

    weights_name: int = 200  # characters of a file's name
    template: int = 100_000  # characters of a chat template; the longest have some 20,000
    prompt: int = 4_000_000  # characters of what a template makes of a conversation

    def check(self) -> None:
        ascending(
            "a template would be too long for its own prompt",
            template=self.template,
            prompt=self.prompt,
        )


@dataclass(frozen=True)
class Replies(Limits):
    """What an API may send, in bytes."""

    frame_bytes: int = 1_500  # per token: some APIs send a lot of metadata
    refusal_bytes: int = 1 << 16
    event_bytes: int = 1 << 20  # the event of one token has a few hundred
    spare_bytes: int = 1 << 20  # for what comes before and after the tokens

    def check(self) -> None:
        ascending(
            "an error's details would be cut off, or an event refused",
            frame_bytes=self.frame_bytes,
            refusal_bytes=self.refusal_bytes,
            event_bytes=self.event_bytes,
        )


@dataclass(frozen=True)
class Stopping(Limits):
    """A worker that is told to stop."""

    answers_s: float = 6.0  # for running answers to end; then they are requested elsewhere


BROKER = Broker()
PRESENCE = Presence()
STREAMS = Streams()
RESULTS = Results()
ANSWERS = Answers()
COUNTING = Counting()
ASKING = Asking()
FETCHING = Fetching()
KEYS = Keys()
TEXTS = Texts()
REPLIES = Replies()
STOPPING = Stopping()
