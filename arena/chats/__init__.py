"""Chats with one or two models by name. Apart from battles by design: no row of a chat can become a
vote, a tally or a line of an export."""
