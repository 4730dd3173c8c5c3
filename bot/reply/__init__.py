"""What the other side says."""
