"""Copies of a whole home that can be trusted: written beside, checked, and restored with care."""
