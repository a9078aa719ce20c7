"""A font of 3 x 5 pixels, drawn at twice its size or more, and small signs."""

from functools import lru_cache

import pygame

WIDTH, HEIGHT = 4, 5  # of a character with the following gap

# Five rows per character as octal digits: 4 is the left pixel, 2 the middle one, 1 the right one.
_GLYPHS = {
    "A": "25755", "B": "65656", "C": "34443", "D": "65556", "E": "74647", "F": "74644", "G": "34553",
    "H": "55755", "I": "72227", "J": "11152", "K": "55655", "L": "44447", "M": "57755", "N": "65555",
    "O": "25552", "P": "65644", "Q": "25563", "R": "65655", "S": "34216", "T": "72222", "U": "55557",
    "V": "55552", "W": "55775", "X": "55255", "Y": "55222", "Z": "71247",
    "0": "75557", "1": "26227", "2": "61247", "3": "61216", "4": "55711", "5": "74616", "6": "34757",
    "7": "71222", "8": "75757", "9": "75716",
    " ": "00000", ".": "00002", ",": "00024", ":": "02020", "-": "00700", "+": "02720", "/": "11244",
    "'": "22000", "!": "22202", "?": "61202", "(": "24442", ")": "21112", "*": "05250", "_": "00007",
    "=": "07070", "<": "12421", ">": "42124", "%": "51245",
}  # fmt: skip

# Signs of more pixels, a line each: heart, half a heart, no heart, key, stairs.
SIGNS = {
    "heart": ("..#.#..", ".#####.", ".#####.", "..###..", "...#..."),
    "half": ("..#....", ".###...", ".###...", "..##...", "...#..."),
    "key": (".##....", "#..####", "#..#..#", ".##...."),
    "stairs": ("######.", "#......", "#####..", "#......", "####...", "#......", "###...."),
}


Colour = tuple[int, int, int]


@lru_cache(maxsize=96)  # up to 40 kB each
def render(text: str, colour: Colour, scale: int = 2) -> pygame.Surface:
    """Render text on a transparent ground. Letters become capitals, and unknown characters become '?'."""
    surface = pygame.Surface((max(1, WIDTH * len(text)), HEIGHT), pygame.SRCALPHA)
    for place, character in enumerate(text.upper()):
        for row, digit in enumerate(_GLYPHS.get(character, _GLYPHS["?"])):
            for column in range(3):
                if int(digit) >> (2 - column) & 1:
                    surface.set_at((place * WIDTH + column, row), colour)
    return pygame.transform.scale_by(surface, scale)


@lru_cache(maxsize=32)
def sign(name: str, colour: Colour, scale: int = 2) -> pygame.Surface:
    """Render a sign on a transparent ground."""
    rows = SIGNS[name]
    surface = pygame.Surface((len(rows[0]), len(rows)), pygame.SRCALPHA)
    for y, row in enumerate(rows):
        for x, mark in enumerate(row):
            if mark == "#":
                surface.set_at((x, y), colour)
    return pygame.transform.scale_by(surface, scale)


def line(scale: int) -> int:
    """Return the height of a line of text in pixels."""
    return 7 * scale


def wrap(text: str, width: int, scale: int = 2) -> list[str]:
    """Break a text into lines of at most `width` pixels, between words."""
    most, lines = max(1, width // (WIDTH * scale)), [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return lines
