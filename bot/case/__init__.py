"""What we do: the only place that decides."""
