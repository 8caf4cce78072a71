"""Can the bytes of a battle, and when they come, tell which side is the quicker model?"""
