"""`make bench-silence`: two battles through a proxy that carries nothing for three minutes, in real
time. One voter chooses a verdict meanwhile, the other only waits. (The tests do 20 and 60 seconds.)

Prints what the pages said and when, what they showed in the end, and how often the vote counted.
"""

from __future__ import annotations

import time

from playwright.sync_api import Browser

from benchmarks.figures import describe_machine
from benchmarks.voting import arena, chromium
from tests.live.hosted import Paced, begin, in_place_of_all
from tests.live.site import Site
from tests.live.stalled import VOTES, WORDS, Tab, tabs
from tests.live.volunteer import Volunteer

SILENCE_S, LOOK_S = 180, 0.25


def main() -> None:
    said = Paced.of([f"{word} " for word in WORDS], 0.25)
    with arena() as site, in_place_of_all(site, one=said, other=said), chromium() as browser:
        with Volunteer(site.url) as volunteer:
            begin(volunteer, "Is anybody there?")
        watch(browser, site)
    describe_machine()


def watch(browser: Browser, site: Site) -> None:
    with tabs(browser, 2, site.port) as (waiting, voting):
        both = {"waiting": waiting, "voting": voting}
        for tab in both.values():
            tab.proxy.hold()
        voting.page.get_by_role("button", name="B is better").dblclick()
        follow(both, SILENCE_S)
        for tab in both.values():
            tab.proxy.carry()
        follow(both, 30)
        print(f"words at the end: {[len(words) for words in waiting.words()]} of {len(WORDS)} each")
        print(f"without a reload: {waiting.page.evaluate('window.isTheSame')}")
        print(f"votes: {site.rows(VOTES, voting.battle)}")


def follow(both: dict[str, Tab], seconds: float) -> None:
    """Print each new sentence with its time."""
    began, last = time.monotonic(), dict[str, str]()
    while (now := time.monotonic() - began) < seconds:
        for name, tab in both.items():
            if (sentence := tab.sentence()) != last.get(name):
                last[name] = sentence
                print(f"{now:6.1f} s  {name}: {sentence}")
        waiting = next(iter(both.values()))
        waiting.page.wait_for_timeout(LOOK_S * 1000)


if __name__ == "__main__":
    main()
