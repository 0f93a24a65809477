"""Figures of the whole thing on one machine: how soon it answers and what it takes."""
