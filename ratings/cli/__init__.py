"""The command line of the ratings library; needs no Django and no database."""
