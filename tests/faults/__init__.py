"""Many deliveries under random faults."""
