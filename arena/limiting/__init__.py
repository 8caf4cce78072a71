"""How much one voter, one network and all together may do in a time, and what they prove first."""
