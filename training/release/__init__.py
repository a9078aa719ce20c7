"""From art to a measured pack."""
