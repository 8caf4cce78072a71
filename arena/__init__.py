"""Contestants, battles and votes: the domain, and the pages it lives on."""
