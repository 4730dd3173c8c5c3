"""What Amazon says: facts, each with the place it was read."""
