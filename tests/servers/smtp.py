"""Private SMTP servers on loopback: aiosmtpd in process, and Postfix's smtp-sink."""
