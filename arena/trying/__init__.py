"""The staff pages on which a contestant is tried: its probe, and a chat with it."""
