"""A private Dovecot on loopback."""
