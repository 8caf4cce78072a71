"""Suspected votes: held until a moderator has looked at them. How suspicious votes are is weighed
elsewhere (`ratings.desk`)."""
