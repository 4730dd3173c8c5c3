"""What time brings about: steps that fall due, and the letters they ask for."""
