"""Rejoinder: reads Amazon's notices, drafts the answers, and sends only what a person approved."""

__version__ = "0.1.0"
