"""What every part may use, on the standard library alone: the machine, and notations
of values."""
