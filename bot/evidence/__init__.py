"""The record: timeline and attempts."""
