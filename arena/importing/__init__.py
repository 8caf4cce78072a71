"""Votes made elsewhere, brought into a campaign: one file of this package per format.

To add a format, write a module with a function `bring(path, intake)` that reads `path` and hands
what it finds to the intake, and add its line to `formats.FORMATS`.
"""
