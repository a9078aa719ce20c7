"""The colours of text and frames."""

INK, FAINT, BRIGHT, NIGHT = (222, 238, 214), (133, 149, 161), (218, 212, 94), (20, 12, 28)
BLOOD, SPARK, WOOD = (208, 70, 72), (255, 250, 220), (133, 76, 48)
