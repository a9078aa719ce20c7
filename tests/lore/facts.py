"""Facts for tests: people, places and items with and without names, and a deed of every verb."""

from tilewright.lore import Deed, Facts, Item, Monster, Person, Place

VILLAGE = Facts(
    hero=Person("Alrik", "wanderer", "he"),
    people=(
        Person("Mira", "innkeeper", "she"),
        Person("Old Tom", "miller", "he"),
        Person("Ysolde", "herbalist", "she"),
        Person("Odo", "smith", "they"),
        Person("", "ferryman", "he"),
    ),
    places=(
        Place("Hollowmere", "village"),
        Place("", "cave"),
        Place("Greyford", "bridge"),
        Place("", "old mill"),
    ),
    monsters=(Monster("Gorvak", "troll"), Monster("", "imp"), Monster("", "wolf"), Monster("Ulna", "witch")),
    items=(
        Item("Dawnbreaker", "sword"),
        Item("", "silver key"),
        Item("", "iron boots"),
        Item("", "amulet"),
        Item("Emberhorn", ""),
        Item("", "hourglass"),
        Item("", "unicorn horn"),
    ),
    deeds=(
        Deed("Gorvak", "kill", "Old Tom", "Greyford"),
        Deed("imp", "steal", "silver key", "cave"),
        Deed("imp", "steal", "hourglass", "cave"),
        Deed("Mira", "find", "amulet", "old mill"),
        Deed("Odo", "forge", "Dawnbreaker", "Hollowmere"),
        Deed("Ulna", "curse", "Emberhorn"),
        Deed("ferryman", "lose", "iron boots", "Greyford"),
        Deed("Alrik", "defeat", "Ulna", "Hollowmere"),
        Deed("Gorvak", "burn", "the old barn"),
        Deed("Ysolde", "hide", "amulet", "cave"),
        Deed("Odo", "build", "the new gate"),
        Deed("Alrik", "free", "Ysolde"),
        Deed("Odo", "betray", "Mira"),
    ),
)
