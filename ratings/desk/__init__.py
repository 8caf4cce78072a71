"""The desk: weighing the votes of voters as they come (`ratings.core.suspicion`), and holding those
that are suspected. Nothing of it runs inside a vote's transaction."""
