"""Tests of the page in a real browser, and of what serves it."""
