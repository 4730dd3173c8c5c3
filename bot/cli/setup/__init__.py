"""The wizard of `rejoinder init`: what it asks, in which order, and what becomes of the answers."""
