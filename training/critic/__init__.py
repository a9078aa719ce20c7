"""The critic that a pack carries: a classifier that tells the art from the pack's own pictures.

python/tilewright/critic.py runs it.
"""
