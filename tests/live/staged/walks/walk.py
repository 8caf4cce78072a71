"""One walk through all that a volunteer can do, from the first visit to the deletion of their data.
Who walks it, and what must hold at each step for them, is in `visitors.py`."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from arena.generating.endings import STOPPED

from .stage import NAMES, SUGGESTION, Stage
from .visitors import Visitor


def walk(me: Visitor, stage: Stage) -> None:
    ask_what_is_suggested(me)
    stop_and_skip(me, stage)
    follow_up_and_vote(me, stage)
    say_why(me)
    share_and_stop_sharing(me)
    vote_early_on_the_next(me, stage)
    object_to_the_vote(me)
    judge_a_campaign(me)
    change_the_language(me)
    read_about_it(me)
    chat_with_both(me, stage)
    delete_from_another_device(me, look_at_my_arena(me))


def ask_what_is_suggested(me: Visitor) -> None:
    me.go("/")
    prompt = me.field("Your prompt")
    me.see(prompt)
    me.press(me.link(SUGGESTION))
    expect(prompt).to_have_value(SUGGESTION)
    me.write(prompt, "Explain the moon to a child.")
    me.press(me.button("Start the battle"))
    me.see(me.text("Waiting for the first words of both answers."))


def stop_and_skip(me: Visitor, stage: Stage) -> None:
    stage.begin()
    me.wait(me.text("writing …").first)
    lines = stage.lines
    me.press(me.button("Stop"))
    stage.end_here(lines)
    me.wait(me.text(STOPPED).first)
    me.choose("Can’t tell")
    me.see(me.text("You skipped this battle."))
    me.press(me.button("Same prompt, other models"))
    me.see(me.text("Waiting for the first words of both answers."))


def follow_up_and_vote(me: Visitor, stage: Stage) -> None:
    stage.end()
    question = me.field("Or ask both a follow-up")
    me.wait(question)
    me.write(question, "And the sun?")
    me.press(me.button("Ask both"))
    me.see(me.text("And the sun?"))
    stage.end()
    me.wait(question)
    me.think_twice("A is better")
    me.choose("B is better")
    expect(me.heading("Your vote: B is better")).to_be_in_viewport()
    me.see(me.heading("Your vote: B is better"))
    expect(me.page.get_by_text("reload this page after a few seconds")).to_have_count(0)


def say_why(me: Visitor) -> None:
    of_a = me.page.get_by_role("group", name=re.compile("^Answer A,"))
    of_b = me.page.get_by_role("group", name=re.compile("^Answer B,"))
    me.tick(of_a.get_by_label("accurate"))
    me.write(of_b.get_by_label("Comment"), "Too curt.")
    me.save()
    expect(of_a.get_by_label("accurate")).to_be_checked()
    expect(of_b.get_by_label("Comment")).to_have_value("Too curt.")


def share_and_stop_sharing(me: Visitor) -> None:
    panel = me.page.get_by_role("region", name="Share this battle")
    me.tick(panel.get_by_role("checkbox"))
    me.press(panel.get_by_role("button", name="Share this battle"))
    me.press(panel.get_by_role("link", name="Open it"))
    me.see(me.page.get_by_role("heading", level=1, name="was preferred to"))
    me.go_back()
    me.press(panel.get_by_role("button", name="Stop sharing"))
    me.see(panel.get_by_role("button", name="Share this battle"))


def vote_early_on_the_next(me: Visitor, stage: Stage) -> None:
    me.write(me.field("Your next prompt"), "Name a whale.")
    me.press(me.button("Start the battle"))
    me.see(me.text("Name a whale."))
    stage.begin()
    me.wait(me.text("writing …").first)
    me.choose("A is better")
    me.see(me.heading("Your vote: A is better"))
    expect(me.text("You voted here").first).to_be_visible()


def object_to_the_vote(me: Visitor) -> None:
    me.press(me.link("Receipt of your vote"))
    me.see(me.text("Your vote counts."))
    me.write(me.page.locator("#objection"), "My cat sat on the keyboard.")
    me.press(me.button("Send the objection"))
    me.see(me.text("My cat sat on the keyboard."))


def judge_a_campaign(me: Visitor) -> None:
    me.press(me.link("Campaigns"))
    me.see(me.heading("Campaigns"))
    me.press(me.link("Proverbs"))
    me.see(me.heading("Proverbs"))
    me.press(me.button("Judge two answers"))
    me.see(me.text("What does"))
    me.choose("Tie")
    me.see(me.heading("Your vote: Tie"))
    expect(me.text("once you have judged your last pair")).to_be_visible()
    expect(me.page.get_by_text(re.compile("|".join(NAMES)))).to_have_count(0)
    me.press(me.link("Receipt of your vote"))
    me.see(me.text("Answer A against answer B"))
    me.go_back()
    me.press(me.button("Next two answers"))
    me.see(me.text("What does"))
    me.choose("A is better")
    me.see(me.heading("Your vote: A is better"))
    expect(me.heading(NAMES[0])).to_be_visible()
    me.press(me.link("That was the last pair. Thank you!"))
    me.see(me.heading("Your votes, with names"))


def change_the_language(me: Visitor) -> None:
    me.press(me.link("Deutsch"))
    expect(me.page.locator("html")).to_have_attribute("lang", "de")
    me.see(me.heading("Vielen Dank!"))
    me.press(me.link("English"))
    expect(me.page.locator("html")).to_have_attribute("lang", "en")


def read_about_it(me: Visitor) -> None:
    for link, heading in (("About", "How it works"), ("Status", "Status")):
        me.press(me.link(link))
        me.see(me.heading(heading))


def chat_with_both(me: Visitor, stage: Stage) -> None:
    me.press(me.link("Battle"))
    me.see(me.field("Your prompt"))
    me.press(me.link("Chat with models you choose"))
    me.see(me.heading("Chat with models you choose"))
    for label, name in zip(("Model", "Side by side with"), NAMES, strict=True):
        me.pick(me.page.get_by_label(label, exact=True), name)
    me.write(me.field("Your prompt"), "Hello, both.")
    me.press(me.button("Ask"))
    me.see(me.text("This does not count."))
    stage.reply()
    me.wait(me.field("Your next prompt"))


def look_at_my_arena(me: Visitor) -> str:
    """The code that takes it to another device."""
    me.press(me.link("My arena"))
    me.see(me.heading("Your battles"))
    expect(me.page.locator(".history li")).to_have_count(5)
    with me.page.expect_download() as download:
        me.press(me.link("Download my data"))
    assert "My cat sat on the keyboard." in download.value.path().read_text()
    me.press(me.button("Make a code"))
    me.see(me.heading("A code for another device"))
    return me.page.get_by_role("link", name="/mine/claim/").inner_text()


def delete_from_another_device(me: Visitor, link: str) -> None:
    me.page.context.clear_cookies()
    me.go(link)
    me.see(me.field("Code"))
    me.give_code(me.field("Code"), link.partition("#")[2])
    me.press(me.button("Make this browser the same voter"))
    expect(me.page.locator(".history li")).to_have_count(5)
    me.press(me.link("Delete my data"))
    me.see(me.heading("What stays"))
    me.tick(me.field("I understand"))
    me.press(me.button("Delete my data"))
    me.see(me.heading("Your data are deleted"))
