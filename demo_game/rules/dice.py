"""Reproducible random integers: SplitMix64 (Steele, Lea and Flood 2014)."""

_MASK = 2**64 - 1


def mix(value: int) -> int:
    """Hash a 64-bit integer."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


class Dice:
    """A stream of random integers."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, limit: int) -> int:
        """Return the next integer in 0 .. limit - 1."""
        self.state = mix(self.state)
        return (self.state >> 32) * limit >> 32
