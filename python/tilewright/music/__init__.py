"""Tunes that loop, composed by a pack from a seed and a mood (docs/music.md)."""

from tilewright.music.compose import compose, compose_many, mood_names
from tilewright.music.moods import Mood, Part

__all__ = ["Mood", "Part", "compose", "compose_many", "mood_names"]
