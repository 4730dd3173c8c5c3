"""What a person may do: one function for each answer, whether from the terminal or later the web."""
