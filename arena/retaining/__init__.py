"""How long data about people are kept: one rule a line (`rules`), each with a setting."""
