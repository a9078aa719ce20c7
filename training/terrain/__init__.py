"""Terrain learned from artists' autotiles: layouts, recipes, random maps, and their pictures."""
