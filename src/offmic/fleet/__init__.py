"""Many workers: who serves a room, what happens when one dies; it must never hold a value."""
