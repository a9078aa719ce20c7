"""Read untrusted folders of pixel art: files, transparency, grids, kinds and sources."""
