"""A resource of the engine Godot 4 for AnimatedSprite2D: SpriteFrames (.tres), with an animation for each clip."""

from collections.abc import Iterator

from tilewright.formats.godot import lines, metadata, quoted
from tilewright.formats.png import portable_pictures, sheet_png
from tilewright.tileset.sprite import Sprite


def sprite_files(sprite: Sprite, stem: str) -> dict[str, bytes]:
    """Return NAME.png and NAME.tres."""
    frames = sprite.pictures.shape[1]
    sheet = sheet_png(*portable_pictures(sprite.tileset), sprite.provenance, frames)
    return {f"{stem}.png": sheet, f"{stem}.tres": lines(_resource(sprite, f"{stem}.png"))}


def _resource(sprite: Sprite, image: str) -> Iterator[str]:
    count, frames, height, width = sprite.pictures.shape[:4]
    yield f'[gd_resource type="SpriteFrames" load_steps={count * frames + 2} format=3]'
    yield ""
    yield f'[ext_resource type="Texture2D" path={quoted(image)} id="1"]'
    for clip in range(count):
        for frame in range(frames):
            yield ""
            yield f'[sub_resource type="AtlasTexture" id="{clip}-{frame}"]'
            yield 'atlas = ExtResource("1")'
            yield f"region = Rect2({frame * width}, {clip * height}, {width}, {height})"
    yield ""
    yield "[resource]"
    yield f"resource_name = {quoted(sprite.name)}"
    animations = ", ".join(_animation(sprite, clip) for clip in range(count))
    yield f"animations = [{animations}]"
    yield from metadata(sprite.provenance)


def _animation(sprite: Sprite, clip: int) -> str:
    """An animation as a dictionary. A frame lasts its duration divided by the speed, in seconds."""
    frames = ", ".join(
        f'{{"duration": 1.0, "texture": SubResource("{clip}-{frame}")}}'
        for frame in range(sprite.pictures.shape[1])
    )
    return (
        f'{{"frames": [{frames}], "loop": true, "name": &{quoted(sprite.clips[clip])}, '
        f'"speed": {1000 / sprite.milliseconds:.6g}}}'
    )
