"""How good generated pixel art is: one module per measure, on plain arrays of pictures. See docs/measures.md."""
