"""What the player does in one step, and the same as an integer for replays."""

from typing import NamedTuple


class Keys(NamedTuple):
    """dx, dy: -1, 0 or 1. act: strike or talk. use: place of the belt, 1 .. 4. choose: perk, 1 .. 3. 0: none.

    explore, travel: begin to walk alone: to what was not seen yet, or to the stairs.
    """

    dx: int = 0
    dy: int = 0
    act: bool = False
    use: int = 0
    choose: int = 0
    explore: bool = False
    travel: bool = False

    def pack(self) -> int:
        """Return the keys as an integer, 0 .. 4095."""
        return (
            self.dx + 1
            | self.dy + 1 << 2
            | self.act << 4
            | self.use << 5
            | self.choose << 8
            | self.explore << 10
            | self.travel << 11
        )

    @classmethod
    def unpack(cls, number: int) -> "Keys":
        """Return the keys of an integer. Raises ValueError for one that `pack` never returns."""
        keys = cls(
            (number & 3) - 1,
            (number >> 2 & 3) - 1,
            bool(number >> 4 & 1),
            number >> 5 & 7,
            number >> 8 & 3,
            bool(number >> 10 & 1),
            bool(number >> 11 & 1),
        )
        if not 0 <= number < 4096 or keys.dx > 1 or keys.dy > 1 or keys.use > 4:
            raise ValueError(f"no keys: {number}")
        return keys


NO_KEYS = Keys()
