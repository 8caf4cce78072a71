"""Settings without limits on voters, and without the desk that suspects them: all tests come from
one address, faster than people act."""

WHATS = ("PROMPTS", "BATTLES", "VOTES", "PAIRS", "OPEN")
WHOSE = ("VOTER", "PREFIX", "ALL")
UNLIMITED = {f"LIMIT_{what}_{whose}": "0" for what in WHATS for whose in WHOSE}
UNLIMITED |= {"PROOF_OF_WORK": "0", "DESK": "off"}
