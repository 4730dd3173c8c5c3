"""Speed of the real code on real servers, as ratios within one run: `make bench`."""
