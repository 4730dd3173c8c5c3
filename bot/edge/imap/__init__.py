"""Mail in, over IMAP (RFC 9051)."""
