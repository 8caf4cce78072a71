"""Imports votes made elsewhere into a campaign: one module of this package per format.

To add a format, write a module with a function `bring(path, intake)` that reads `path` and passes
its votes to the intake, and add its line to `formats.FORMATS`.
"""
