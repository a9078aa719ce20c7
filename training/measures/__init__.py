"""Quality measures of generated pixel art: one module per measure, on plain arrays of pictures. See
docs/measures.md.
"""
