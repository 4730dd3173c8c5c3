"""What we write: step and language to a draft."""
