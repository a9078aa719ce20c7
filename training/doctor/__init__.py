"""The data doctor: says what a folder of art holds, with pictures, and what it would do with it."""
