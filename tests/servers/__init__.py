"""Real servers that tests talk to, each a fixture."""
