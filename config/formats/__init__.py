"""How each language writes dates, where Django's own formats are not what pages need.

`DATE_FORMAT` and `DATETIME_FORMAT` are for sentences and tables; those that begin with BRIEF are
for charts. Use them by name: `{{ day|date:"BRIEF_DATE" }}`, `date_format(day, "BRIEF_DATE")`.
"""
