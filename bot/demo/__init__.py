"""The sandbox of `rejoinder demo`: the real daemon against an invented mail world on loopback."""
