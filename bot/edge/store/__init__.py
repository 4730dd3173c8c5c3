"""Where cases, letters and mail rows are kept."""
