"""Contestants, battles and votes: the domain and its pages."""
