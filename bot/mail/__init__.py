"""What a mail says by the RFCs; knows nothing of Amazon."""
