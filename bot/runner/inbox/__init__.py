"""From bytes in a mailbox to what a case knows: kept first, then read, then recorded with the mail."""
