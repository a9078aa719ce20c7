"""What the game consists of: one file each for monsters, items, perks and biomes. The rules are in rules/."""
