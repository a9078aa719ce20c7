"""The rules of the game: integers and fixed steps, without pictures, sounds, clocks or pygame.

The same seed, levels and keys give the same states on every machine.
"""
