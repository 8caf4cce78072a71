"""Votes for others to read: only of voters who agreed to it, and with personal data taken out.

To add a format, write a module with its columns and a function `row`, and add its line to
`formats.FORMATS`.
"""
