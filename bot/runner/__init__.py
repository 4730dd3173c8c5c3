"""One turn of the wheel, and the service that terminal, commands and later the web share."""
