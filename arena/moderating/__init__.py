"""Checks of prompts and answers: what they may be about, and what then happens.

`rules` find it in a text, `policy` says what each category of finding leads to, and `checking` lets
a prompt through, warns its visitor, or blocks it. A prompt is never altered.
"""
