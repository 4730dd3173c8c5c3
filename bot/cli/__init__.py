"""What a person types, and what it answers: one module for each group of commands, loaded when asked for."""
