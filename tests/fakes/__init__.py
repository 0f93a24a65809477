"""Stand-ins and instruments that tests share."""
