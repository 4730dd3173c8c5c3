"""Mail out, over SMTP submission (RFC 6409)."""
