"""The data doctor: reports what a folder of art contains, with pictures, and recommends how to train on it."""
