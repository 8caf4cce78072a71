"""How much one voter, one network and all together may do in a time."""
