"""Reading pixel art from strangers: files, transparency, grids, kinds and sources."""
