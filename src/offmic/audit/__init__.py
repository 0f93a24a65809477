"""The leak audit: attacks played on an agent in a real room, and every sink searched for canaries.

Nothing here may use the guard's own code to look for values: it is the second opinion.
"""
