"""Which of the twelve readings a mail is."""
