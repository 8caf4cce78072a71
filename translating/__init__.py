"""Tools for the message catalogues in `locale/`, in Python alone: nobody needs GNU gettext.

`extraction` finds the messages of templates and modules, `files` brings the catalogues up to date
and compiles them, `faults` checks them, and `unmarked` finds visible text that no tag translates.
Babel is needed here only, so none of this is imported by the site.
"""
