"""Looks at servers and state the way a daemon would use them, and says what is wrong and how to mend it."""
