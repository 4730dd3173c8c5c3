"""What setting up asks of the world: who runs a mailbox, whether a sign-in works, how a mail arrives."""
