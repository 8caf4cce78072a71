"""Exports votes for publication: only of voters who consented, and with personal data redacted.

To add a format, write a module with its columns and a function `row`, and add its line to
`formats.FORMATS`.
"""
