"""What looks after a run: figures that tell how it is doing, rules that judge them, and the rescue."""
