"""Draws the pictures of the sample articles: flat, quiet scenes in the site's own inks.

Run from anywhere: `python tools/draw_pictures.py [FOLDER]`; FOLDER is the sample content, by default `content/`
beside this script's folder. The same Pillow gives the same bytes; nothing is random.
"""

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 750
"""Pixels of a finished picture."""
SCALE = 2
"""Drawn this much larger, then shrunk, so that edges are smooth."""
LIMIT = 60_000
"""Bytes of a finished picture."""

PAPER, PANEL, RULE, EDGE = "#fcfcfb", "#f1f3f4", "#d3d8dc", "#7f8890"
INK, INK_2, CI, DIAN = "#16191d", "#454c54", "#17304d", "#0b4a7d"
H1, H2, H3, H4, H5 = "#e3ebf3", "#bfd2e4", "#8fb1d0", "#3d6f9f", "#133f6b"
ZHU, ZHU_WASH, LAMP, LAMP_DIM = "#a8321c", "#f3d9d1", "#ffe27a", "#c9a95a"
NIGHT, NIGHT_2, NIGHT_3 = "#0b1a2b", "#12263c", "#1d3a5a"

Point = tuple[float, float]


class Sheet:
    """A picture being drawn, in coordinates of the finished picture."""

    def __init__(self, ground: str) -> None:
        """Start with one colour everywhere."""
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), ground)
        self.pen = ImageDraw.Draw(self.image)

    def area(self, points: Sequence[Point], fill: str) -> None:
        """Fill a polygon."""
        self.pen.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def box(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        """Fill an upright rectangle given by its upper left corner and size."""
        self.pen.rectangle((x * SCALE, y * SCALE, (x + width) * SCALE - 1, (y + height) * SCALE - 1), fill=fill)

    def disc(self, x: float, y: float, radius: float, fill: str, flat: float = 1.0) -> None:
        """Fill a circle, or an ellipse `flat` times as high as wide."""
        high = radius * flat
        self.pen.ellipse(
            ((x - radius) * SCALE, (y - high) * SCALE, (x + radius) * SCALE, (y + high) * SCALE), fill=fill
        )

    def ring(self, x: float, y: float, radius: float, width: float, fill: str, flat: float = 1.0) -> None:
        """Draw the outline of a circle or ellipse."""
        high = radius * flat
        bounds = ((x - radius) * SCALE, (y - high) * SCALE, (x + radius) * SCALE, (y + high) * SCALE)
        self.pen.ellipse(bounds, outline=fill, width=round(width * SCALE))

    def pill(self, x: float, y: float, width: float, height: float, radius: float, fill: str) -> None:
        """Fill a rectangle with round corners."""
        bounds = (x * SCALE, y * SCALE, (x + width) * SCALE, (y + height) * SCALE)
        self.pen.rounded_rectangle(bounds, radius=radius * SCALE, fill=fill)

    def stroke(self, points: Sequence[Point], fill: str, width: float = 2) -> None:
        """Draw a line through the points; a thick one gets round joints."""
        self.pen.line([(x * SCALE, y * SCALE) for x, y in points], fill=fill, width=round(width * SCALE))
        if width > 5:
            for x, y in points:
                self.disc(x, y, width / 2, fill)

    def text(self, x: float, y: float, words: str, size: float, fill: str) -> None:
        """Write figures or Latin letters, centred on the point."""
        font = ImageFont.load_default(size * SCALE)
        self.pen.text((x * SCALE, y * SCALE), words, fill=fill, font=font, anchor="mm")

    def mirror(self, shore: float, water: str, strength: float = 0.42) -> None:
        """Reflect what stands above `shore` in the water below it, rippled and dimmed to the water's colour."""
        height = HEIGHT - shore
        upper = self.image.crop((0, round((shore - height) * SCALE), WIDTH * SCALE, round(shore * SCALE)))
        flipped = upper.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        ground = Image.new("RGB", flipped.size, water)
        dim = Image.blend(ground, flipped, strength)
        for row in range(flipped.height):
            depth = row / SCALE
            shift = round(SCALE * (1 + depth / 45) * math.sin(depth / (3.2 + depth / 60)))
            line = dim.crop((0, row, dim.width, row + 1))
            top = round(shore * SCALE) + row
            self.image.paste(line, (shift - (dim.width if shift > 0 else -dim.width), top))
            self.image.paste(line, (shift, top))

    def save(self, path: Path) -> None:
        """Shrink, reduce to the largest palette that keeps within `LIMIT` and write as PNG."""
        small = self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        path.parent.mkdir(parents=True, exist_ok=True)
        for colours in (160, 112, 80):
            flat = small.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            flat.save(path, optimize=True)
            if path.stat().st_size <= LIMIT:
                return


def scatter(count: int, seed: int) -> Iterator[tuple[float, float]]:
    """Give `count` evenly spread points of the unit square, the same for the same seed (the R2 sequence)."""
    for number in range(count):
        step = number + seed * 17
        yield (0.5 + step * 0.7548776662466927) % 1, (0.5 + step * 0.5698402909980532) % 1


def curve(start: Point, bend: Point, end: Point, steps: int = 40) -> list[Point]:
    """Give the points of a quadratic curve."""
    found = []
    for number in range(steps + 1):
        t = number / steps
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        found.append((a * start[0] + b * bend[0] + c * end[0], a * start[1] + b * bend[1] + c * end[1]))
    return found


def ridge(sheet: Sheet, base: float, height: float, turns: float, phase: float, fill: str) -> None:
    """Draw one line of hills across the picture."""
    tops = []
    for x in range(0, WIDTH + 1, 8):
        wave = math.sin(x / WIDTH * turns * math.tau + phase) + 0.45 * math.sin(x / WIDTH * turns * 5.1 + phase * 2)
        tops.append((float(x), base - height * (0.5 + wave / 3)))
    sheet.area([(0, HEIGHT), *tops, (WIDTH, HEIGHT)], fill)


def wavelets(sheet: Sheet, shore: float, fill: str, count: int, seed: int) -> None:
    """Lay short level strokes on the water, longer and thicker towards the viewer."""
    for u, v in scatter(count, seed):
        y = shore + 10 + (HEIGHT - shore - 14) * v**1.3
        length = 14 + 70 * (y - shore) / (HEIGHT - shore)
        x = u * (WIDTH + 80) - 40
        sheet.stroke([(x, y), (x + length, y)], fill, 1 + (y - shore) / 160)


class Paint(NamedTuple):
    """The colours of a house."""

    wall: str
    roof: str
    window: str


def house(sheet: Sheet, corner: Point, width: float, height: float, paint: Paint, rows: int = 1) -> None:
    """Draw a house of the water town on its lower left corner: lifted eaves, lattice windows."""
    x, base = corner
    wall, roof, window = paint
    sheet.box(x, base - height, width, height, wall)
    rise, eave = height * 0.34, width * 0.09
    top = base - height
    left = curve((x - eave, top + 6), (x + width * 0.12, top - rise * 0.25), (x + width * 0.26, top - rise), 14)
    right = curve(
        (x + width * 0.74, top - rise), (x + width * 0.88, top - rise * 0.25), (x + width + eave, top + 6), 14
    )
    sheet.area([*left, *right, (x + width, top + 14), (x, top + 14)], roof)
    sheet.box(x + width * 0.24, top - rise - 5, width * 0.52, 7, roof)
    for row in range(rows):
        _windows(sheet, x, top + 34 + row * 74, width, window, roof)


def _windows(sheet: Sheet, x: float, y: float, width: float, fill: str, frame: str) -> None:
    count = max(2, round(width / 70))
    gap = width / count
    for number in range(count):
        left = x + gap * (number + 0.5) - 17
        sheet.box(left - 3, y - 3, 40, 50, frame)
        sheet.box(left, y, 34, 44, fill)
        sheet.box(left + 16, y, 2, 44, frame)
        sheet.box(left, y + 20, 34, 2, frame)


def gable(sheet: Sheet, x: float, base: float, width: float, height: float, wall: str, roof: str) -> None:
    """Draw a stepped fire wall, the horse-head gable of the region."""
    for part, share in ((0.0, 1.0), (0.16, 1.14), (0.34, 1.28)):
        top = base - height * share
        sheet.box(x + width * part, top, width * (1 - 2 * part), height * share, wall)
        sheet.box(x + width * part - 8, top - 9, width * (1 - 2 * part) + 16, 10, roof)


def bridge(sheet: Sheet, x: float, base: float, span: float, stone: str, joint: str, through: str) -> None:
    """Draw a stone bridge with one round arch; `through` is what one sees under it."""
    rise = span * 0.42
    deck_left = curve(
        (x - span * 1.05, base), (x - span * 0.5, base - rise * 0.55), (x - span * 0.2, base - rise * 1.28), 30
    )
    deck_right = [(2 * x - px, py) for px, py in reversed(deck_left)]
    sheet.area([*deck_left, *deck_right], stone)
    rail = [(px, py - 14) for px, py in [*deck_left[6:], *deck_right[:-6]]]
    sheet.stroke(rail, joint, 4)
    for px, py in [*deck_left[8::4], *deck_right[2:-8:4]]:
        sheet.stroke([(px, py - 18), (px, py)], joint, 4)
    sheet.ring(x, base, span * 0.5 + 11, 5, joint, 0.86)
    sheet.disc(x, base, span * 0.5, through, 0.86)


def boat(sheet: Sheet, x: float, y: float, size: float, hull: str, cover: str, light: str | None = None) -> None:
    """Draw a covered rowing boat; `size` is half its length."""
    sheet.area(
        [
            *curve((x - size, y - size * 0.18), (x, y + size * 0.34), (x + size, y - size * 0.22)),
            (x - size * 0.9, y - size * 0.1),
        ],
        hull,
    )
    sheet.area(
        [
            (x - size * 0.42, y),
            *curve((x - size * 0.42, y - size * 0.1), (x, y - size * 0.72), (x + size * 0.42, y - size * 0.1)),
            (x + size * 0.42, y),
        ],
        cover,
    )
    if light:
        sheet.disc(x + size * 0.62, y - size * 0.34, size * 0.07, light)
        sheet.stroke([(x + size * 0.62, y - size * 0.27), (x + size * 0.62, y - size * 0.1)], hull, 2)
    sheet.stroke([(x - size * 0.72, y - size * 0.62), (x - size * 1.12, y + size * 0.24)], hull, 3)
    sheet.area(
        [
            (x - size * 0.8, y - size * 0.08),
            (x - size * 0.74, y - size * 0.62),
            (x - size * 0.62, y - size * 0.62),
            (x - size * 0.58, y - size * 0.06),
        ],
        hull,
    )
    sheet.disc(x - size * 0.68, y - size * 0.72, size * 0.09, hull)


def lantern(sheet: Sheet, x: float, y: float, size: float, fill: str, frame: str, halo: str | None = None) -> None:
    """Draw a round paper lantern hanging from above."""
    if halo:
        sheet.disc(x, y, size * 1.7, halo)
    sheet.disc(x, y, size, fill, 0.86)
    sheet.box(x - size * 0.45, y - size * 0.98, size * 0.9, size * 0.2, frame)
    sheet.box(x - size * 0.45, y + size * 0.78, size * 0.9, size * 0.2, frame)
    sheet.stroke([(x, y + size), (x, y + size * 1.6)], frame, max(1.5, size / 9))


def figure(sheet: Sheet, x: float, base: float, size: float, fill: str) -> None:
    """Draw a standing person, a silhouette `size` high."""
    sheet.disc(x, base - size * 0.88, size * 0.115, fill)
    sheet.pill(x - size * 0.15, base - size * 0.74, size * 0.3, size * 0.5, size * 0.12, fill)
    sheet.box(x - size * 0.12, base - size * 0.34, size * 0.1, size * 0.34, fill)
    sheet.box(x + size * 0.02, base - size * 0.34, size * 0.1, size * 0.34, fill)


def draw_bridge() -> Sheet:
    """Morning: a stone bridge, white houses, a boat."""
    sheet = Sheet("#f6f3ee")
    sheet.disc(872, 190, 66, "#e9a893")
    ridge(sheet, 330, 90, 1.3, 0.6, H1)
    ridge(sheet, 372, 70, 2.1, 2.4, H2)
    sheet.box(0, 452, WIDTH, 8, EDGE)
    for x, width, height in ((-40, 150, 118), (118, 128, 150), (255, 150, 104), (868, 160, 134), (1036, 190, 108)):
        house(sheet, (x, 456), width, height, Paint(PAPER, INK_2, H4))
    gable(sheet, 404, 456, 86, 96, PAPER, INK_2)
    bridge(sheet, 640, 462, 210, "#c9ced3", EDGE, "#dfe6ec")
    for x, size in ((598, 44), (622, 46), (700, 42)):
        figure(sheet, x, 462 - 210 * 0.42 * 1.2, size, CI)
    figure(sheet, 661, 462 - 210 * 0.42 * 1.26, 42, ZHU)
    sheet.mirror(460, "#d3dfea", 0.46)
    wavelets(sheet, 462, "#f3f7fa", 54, 3)
    boat(sheet, 322, 606, 92, CI, INK_2)
    wavelets(sheet, 600, H3, 10, 8)
    return sheet


def draw_canal_night() -> Sheet:
    """Night: windows and lanterns over the canal, a boat with a light."""
    sheet = Sheet(NIGHT)
    sheet.disc(208, 128, 50, "#e9e4cf")
    sheet.disc(230, 116, 46, NIGHT)
    for u, v in scatter(46, 5):
        sheet.disc(u * WIDTH, v * 250, 1.3, "#6f8aa6")
    ridge(sheet, 330, 60, 1.6, 1.2, NIGHT_2)
    for x, width, height, rows in ((-30, 200, 190, 2), (178, 150, 130, 1), (800, 170, 150, 1), (978, 250, 214, 2)):
        house(sheet, (x, 450), width, height, Paint(NIGHT_3, "#081320", LAMP), rows)
    gable(sheet, 338, 450, 96, 110, "#24466b", "#081320")
    bridge(sheet, 606, 452, 180, "#4a6c91", "#1d3a5a", NIGHT_2)
    line = curve((430, 262), (615, 352), (800, 250), 60)
    sheet.stroke(line, "#081320", 2)
    for hook, level in line[6:58:8]:
        lantern(sheet, hook, level + 22, 15, "#e2653f", "#5d1a0d")
    sheet.box(0, 446, WIDTH, 8, "#081320")
    sheet.mirror(454, "#0d2136", 0.62)
    wavelets(sheet, 458, "#31587f", 60, 2)
    boat(sheet, 860, 612, 96, "#050c14", "#0a1725", LAMP)
    for number in range(5):
        sheet.stroke([(898 - number * 4, 640 + number * 15), (944 + number * 4, 640 + number * 15)], LAMP_DIM, 2)
    return sheet


def draw_houses() -> Sheet:
    """Houses on the bank seen from the water, a willow hanging in."""
    sheet = Sheet("#dbe5ee")
    ridge(sheet, 300, 70, 1.1, 3.0, "#cddbe7")
    gable(sheet, 70, 520, 250, 270, PANEL, INK)
    house(sheet, (320, 520), 330, 250, Paint(PAPER, INK, H4), 2)
    house(sheet, (690, 520), 250, 190, Paint(PAPER, INK_2, H3))
    gable(sheet, 930, 520, 210, 230, PANEL, INK_2)
    sheet.box(158, 400, 74, 120, INK_2)
    sheet.box(164, 406, 30, 114, H5)
    sheet.box(197, 406, 30, 114, H5)
    for number, colour in enumerate((ZHU, ZHU)):
        lantern(sheet, 128 + number * 136, 398, 17, colour, INK)
    sheet.box(0, 520, WIDTH, 26, "#b9c0c6")
    sheet.box(0, 520, WIDTH, 4, EDGE)
    for step in range(4):
        sheet.box(404 + step * 12, 546 + step * 11, 168 - step * 24, 11, ("#a9b1b8", "#98a2ab")[step % 2])
    for x in (742, 790, 838):
        sheet.area([(x - 15, 520), (x - 11, 496), (x + 11, 496), (x + 15, 520)], ZHU)
        sheet.disc(x, 482, 20, H4, 0.8)
    sheet.mirror(546, "#c6d5e2", 0.4)
    wavelets(sheet, 552, PAPER, 40, 6)
    for number in range(17):
        root = 1010 + number * 14
        drop = 120 + 150 * abs(math.sin(number * 1.7)) + number * 6
        strand = curve((root, -10), (root - 34, drop * 0.5), (root - 18 + 8 * math.sin(number), drop), 20)
        sheet.stroke(strand, "#5c8a78", 2)
        for px, py in strand[4::2]:
            sheet.area([(px, py), (px - 11, py + 18), (px - 5, py + 24)], "#7fa391")
            sheet.area([(px, py), (px + 9, py + 20), (px + 3, py + 25)], "#5c8a78")
    return sheet


def draw_lamps() -> Sheet:
    """River lamps drifting away under a bridge."""
    sheet = Sheet(NIGHT_2)
    sheet.box(0, 0, WIDTH, 250, NIGHT)
    for u, v in scatter(40, 9):
        sheet.disc(u * WIDTH, v * 160, 1.2, "#5f7b98")
    for x, width, height in ((-20, 190, 86), (170, 130, 60), (880, 150, 64), (1030, 200, 92)):
        house(sheet, (x, 252), width, height, Paint("#152c45", "#070f18", "#d9b863"))
    bridge(sheet, 600, 254, 220, "#2c4c6e", "#152c45", NIGHT)
    sheet.mirror(254, NIGHT_2, 0.4)
    sheet.box(0, 508, WIDTH, 242, "#0f2135")
    wavelets(sheet, 262, "#284b70", 70, 4)
    places = sorted(((v, u) for u, v in scatter(34, 6)), key=lambda place: place[0])
    for v, u in places:
        y = 292 + 410 * v**1.25
        size = 7 + 33 * (y - 292) / 410
        x = 600 + (u - 0.5) * (300 + 1100 * (y - 292) / 410)
        _river_lamp(sheet, x, y, size)
    return sheet


def _river_lamp(sheet: Sheet, x: float, y: float, size: float) -> None:
    sheet.disc(x, y + size * 0.5, size * 2.1, "#20405f", 0.36)
    sheet.disc(x, y + size * 0.55, size * 1.35, "#4d5a58", 0.34)
    for turn in range(-2, 3):
        lean = turn * size * 0.42
        sheet.area(
            [
                (x + lean * 0.6 - size * 0.3, y + size * 0.5),
                (x + lean * 1.5, y - size * 0.25),
                (x + lean * 0.6 + size * 0.3, y + size * 0.5),
            ],
            ("#d9745a", "#e79a83")[turn % 2],
        )
    sheet.disc(x, y - size * 0.1, size * 0.3, LAMP, 1.35)
    sheet.disc(x, y - size * 0.02, size * 0.15, "#fff8df", 1.35)
    sheet.disc(x, y + size * 0.6, size * 0.75, "#b9543c", 0.26)
    for number in range(3):
        width = size * (0.8 - number * 0.2)
        level = y + size * (0.95 + number * 0.28)
        sheet.stroke([(x - width, level), (x + width, level)], LAMP_DIM, max(1, size / 16))


def draw_expo() -> Sheet:
    """The exhibition hall that looks like a silkworm, in black and white."""
    sheet = Sheet("#edf1f4")
    sheet.disc(960, 150, 44, "#e9a893")
    ridge(sheet, 380, 60, 1.4, 0.2, H1)
    count = 15
    for number in range(count):
        share = number / (count - 1)
        x = 128 + share * 900
        high = 120 + 130 * math.sin(math.pi * (0.12 + share * 0.8)) ** 0.8
        width = 92.0
        colour = PAPER if number % 2 else INK
        sheet.area(
            [
                (x, 520),
                *curve((x, 520 - high * 0.7), (x + width / 2, 520 - high * 1.34), (x + width, 520 - high * 0.7), 24),
                (x + width, 520),
            ],
            colour,
        )
        if number % 2:
            for level in range(4):
                y = 520 - high * (0.16 + level * 0.18)
                sheet.box(x + 22, y, 48, 8, H3 if level % 2 else H2)
        else:
            sheet.stroke(
                curve(
                    (x + 8, 520 - high * 0.66), (x + width / 2, 520 - high * 1.22), (x + width - 8, 520 - high * 0.66)
                ),
                H4,
                2,
            )
    sheet.box(0, 518, WIDTH, 232, "#d7dee5")
    sheet.area([(430, 520), (770, 520), (1010, 750), (190, 750)], PAPER)
    for number in range(6):
        y = 536 + number * number * 8
        sheet.stroke([(430 - (y - 520) * 1.02, y), (770 + (y - 520) * 1.02, y)], RULE, 2)
    sheet.box(548, 442, 104, 78, H5)
    sheet.box(598, 442, 4, 78, PAPER)
    for x, y, size, colour in (
        (500, 580, 58, CI),
        (540, 590, 62, ZHU),
        (668, 566, 52, INK_2),
        (736, 640, 84, CI),
        (400, 650, 88, INK_2),
        (440, 662, 60, DIAN),
        (830, 596, 62, INK_2),
    ):
        sheet.disc(x, y, size * 0.3, "#c3ccd5", 0.2)
        figure(sheet, x, y, size, colour)
    for x in (60, 1140):
        for level in range(3):
            sheet.disc(x, 478 - level * 42, 46 - level * 10, ("#6d947f", "#7fa391", "#97b5a6")[level])
        sheet.box(x - 4, 500, 8, 40, INK_2)
    return sheet


def draw_museum() -> Sheet:
    """A museum of the internet: a plain box, a round window, a net in it."""
    sheet = Sheet("#eef2f5")
    ridge(sheet, 300, 70, 1.7, 4.1, H1)
    sheet.box(170, 170, 860, 390, CI)
    sheet.box(170, 170, 860, 16, H5)
    sheet.area([(1030, 170), (1110, 214), (1110, 560), (1030, 560)], NIGHT)
    for number in range(7):
        sheet.box(206, 232 + number * 44, 150, 14, NIGHT_3)
        sheet.box(844, 232 + number * 44, 150, 14, NIGHT_3)
    sheet.disc(600, 366, 158, PAPER)
    sheet.disc(600, 366, 146, H1)
    nodes = [
        (600 + 116 * math.cos(turn * math.tau / 9), 366 + 116 * math.sin(turn * math.tau / 9)) for turn in range(9)
    ]
    for first in range(9):
        for second in (first + 2, first + 4):
            sheet.stroke([nodes[first], nodes[second % 9]], H3, 2)
    for number, (x, y) in enumerate(nodes):
        sheet.disc(x, y, 10, ZHU if number == 2 else DIAN)
    sheet.disc(600, 366, 16, DIAN)
    sheet.box(0, 560, WIDTH, 190, "#d9dfe4")
    sheet.box(170, 560, 860, 10, EDGE)
    for step in range(3):
        sheet.box(430 - step * 34, 570 + step * 14, 340 + step * 68, 14, (PAPER, PANEL, RULE)[step])
    heights = (56, 52, 58, 50, 55, 53, 57)
    for number, size in enumerate(heights):
        figure(sheet, 470 + number * 44, 668 + 6 * (number % 2), size, (CI, ZHU, INK_2, DIAN)[number % 4])
    figure(sheet, 800, 682, 92, INK_2)
    for x in (84, 1150):
        sheet.disc(x, 470, 66, "#7fa391", 1.15)
        sheet.disc(x + 12, 440, 44, "#97b5a6", 1.1)
        sheet.box(x - 5, 530, 10, 60, INK_2)
    return sheet


def draw_forum() -> Sheet:
    """A full hall before a wide screen with a globe of lines."""
    sheet = Sheet(NIGHT)
    sheet.box(120, 60, 960, 400, H5)
    sheet.box(132, 72, 936, 376, DIAN)
    for number in range(4):
        sheet.ring(600, 262, 170 + number * 34, 1.5, "#2c6aa0", 0.62)
    sheet.disc(600, 262, 138, H5)
    for number in range(1, 5):
        sheet.ring(600, 262, 138, 2, H3)
        sheet.pen.ellipse(
            ((600 - 138 * number / 5) * SCALE, 124 * SCALE, (600 + 138 * number / 5) * SCALE, 400 * SCALE),
            outline=H3,
            width=3,
        )
        offset = 138 * math.cos(number * math.pi / 5)
        half = math.sqrt(138**2 - offset**2)
        sheet.stroke([(600 - half, 262 + offset), (600 + half, 262 + offset)], H3, 1.5)
    for u, v in scatter(16, 3):
        turn, reach = u * math.tau, 132 * math.sqrt(v)
        sheet.disc(600 + reach * math.cos(turn), 262 + reach * math.sin(turn), 4.5, LAMP if u < 0.8 else "#e9a893")
    sheet.box(70, 460, 1060, 26, "#1d3a5a")
    sheet.box(70, 486, 1060, 14, "#0a1522")
    sheet.area([(286, 460), (294, 404), (354, 404), (362, 460)], "#c7d0d9")
    sheet.box(286, 396, 76, 10, PAPER)
    sheet.disc(324, 352, 14, PAPER)
    sheet.pill(303, 370, 42, 40, 16, PAPER)
    for number in range(5):
        x = 700 + number * 72
        sheet.pill(x - 26, 420, 52, 42, 10, "#2b4a6b")
        sheet.disc(x, 388, 13, "#c7d0d9")
        sheet.pill(x - 19, 404, 38, 40, 14, (ZHU if number == 3 else "#8fa6bd"))
    for row in range(4):
        y = 566 + row * 58
        size = 22 + row * 6
        shift = (row % 2) * size * 1.5
        tone = ("#2b4764", "#1e364f", "#13263a", "#070f19")[row]
        for seat in range(WIDTH // (size * 3) + 2):
            middle = seat * size * 3 - size + shift
            sheet.disc(middle, y - size * 0.9, size * 0.56, tone)
            sheet.pill(middle - size * 1.05, y - size * 0.3, size * 2.1, size * 3, size * 0.8, tone)
    return sheet


def draw_robot() -> Sheet:
    """A friendly robot holding out its hand to a child."""
    sheet = Sheet("#e9eff4")
    sheet.disc(470, 360, 300, H1)
    sheet.disc(470, 360, 240, "#d5e1ec")
    sheet.box(0, 640, WIDTH, 110, "#cfd9e2")
    sheet.disc(470, 656, 190, "#b6c4d1", 0.13)
    sheet.disc(900, 660, 90, "#b6c4d1", 0.13)
    for x in (416, 488):
        sheet.pill(x, 490, 44, 146, 20, PAPER)
        sheet.box(x + 2, 554, 40, 10, H3)
        sheet.pill(x - 12, 620, 66, 30, 14, CI)
    sheet.pill(374, 286, 196, 226, 56, PAPER)
    sheet.pill(404, 330, 136, 96, 22, H1)
    for number, height in enumerate((22, 46, 34, 58, 40)):
        sheet.box(424 + number * 21, 412 - height, 12, height, ZHU if number == 3 else H4)
    sheet.box(438, 262, 68, 30, H3)
    sheet.pill(362, 110, 220, 164, 62, PAPER)
    sheet.pill(388, 146, 168, 92, 42, CI)
    for x in (430, 514):
        sheet.disc(x, 190, 15, "#8ebff0")
        sheet.disc(x + 4, 186, 5, PAPER)
    sheet.stroke(curve((452, 214), (472, 228), (492, 214)), "#8ebff0", 4)
    sheet.stroke([(472, 110), (472, 74)], H4, 6)
    sheet.disc(472, 66, 13, ZHU)
    for x in (350, 580):
        sheet.pill(x, 170, 16, 48, 7, H4)
    sheet.stroke(curve((384, 318), (296, 380), (322, 470)), PAPER, 42)
    sheet.disc(322, 480, 27, H3)
    sheet.stroke(curve((562, 322), (660, 372), (742, 468)), PAPER, 42)
    sheet.disc(562, 322, 25, H2)
    sheet.disc(384, 318, 25, H2)
    sheet.disc(752, 478, 27, H3)
    sheet.stroke([(772, 486), (786, 494)], H3, 13)
    sheet.disc(900, 408, 48, "#f0cdb4")
    sheet.area(
        [
            (850, 404),
            *curve((850, 404), (856, 346), (906, 350)),
            *curve((906, 350), (954, 354), (950, 404)),
            (930, 384),
            (872, 388),
        ],
        INK,
    )
    sheet.pill(856, 458, 92, 116, 34, ZHU)
    sheet.stroke(curve((872, 484), (830, 506), (796, 498)), ZHU, 24)
    sheet.disc(792, 497, 14, "#f0cdb4")
    for x in (866, 908):
        sheet.box(x, 566, 30, 74, CI)
        sheet.pill(x - 6, 632, 42, 20, 9, INK)
    return sheet


def draw_award() -> Sheet:
    """Fifteen lights on a stage, one for each achievement shown."""
    sheet = Sheet(NIGHT)
    for number in range(15):
        x = 78 + number * 74.5
        sheet.area(
            [(x - 5, 40), (x + 5, 40), (x + 62 - number * 4, 560), (x - 50 + (14 - number) * -1.2 + 8, 560)],
            ("#12283f", "#17334f")[number % 2],
        )
    sheet.box(0, 30, WIDTH, 14, "#081320")
    for number in range(15):
        x = 78 + number * 74.5
        sheet.pill(x - 12, 36, 24, 26, 6, "#2b4a6b")
        sheet.disc(x, 62, 8, LAMP)
    sheet.disc(600, 566, 560, "#1d3a5a", 0.13)
    for number in range(15):
        x = 96 + number * 72
        high = 74 + 96 * math.sin(math.pi * number / 14)
        sheet.box(x - 24, 560 - high, 48, high, (H4, H5)[number % 2])
        sheet.box(x - 24, 560 - high, 48, 6, H3)
        glow = ZHU if number == 7 else "#8ebff0"
        middle = 560 - high - 30
        sheet.area([(x, middle - 24), (x + 17, middle), (x, middle + 24), (x - 17, middle)], glow)
        sheet.area([(x, middle - 24), (x + 17, middle), (x, middle)], PAPER if number != 7 else "#f2917a")
    sheet.box(0, 560, WIDTH, 10, "#081320")
    sheet.mirror(570, "#0a1726", 0.34)
    for number in range(22):
        x = -10 + number * 58
        sheet.disc(x, 712, 20, "#050b12")
        sheet.pill(x - 34, 728, 68, 60, 24, "#050b12")
    return sheet


def draw_trophy() -> Sheet:
    """A glass trophy with a net inside."""
    sheet = Sheet(CI)
    for number in range(7, 0, -1):
        sheet.disc(600, 330, 70 + number * 62, ("#1a3554", "#17304d")[number % 2])
    outline = [(600, 96), (742, 196), (706, 420), (600, 500), (494, 420), (458, 196)]
    sheet.area(outline, H1)
    sheet.area([outline[0], outline[1], (600, 262)], PAPER)
    sheet.area([outline[1], outline[2], (600, 262)], H2)
    sheet.area([outline[2], outline[3], (600, 262)], H3)
    sheet.area([outline[3], outline[4], (600, 262)], H2)
    sheet.area([outline[4], outline[5], (600, 262)], H1)
    nodes = [(600, 262), (560, 190), (652, 204), (528, 286), (676, 300), (566, 372), (640, 392), (600, 150), (600, 452)]
    for first, second in (
        (0, 1),
        (0, 2),
        (0, 3),
        (0, 4),
        (0, 5),
        (0, 6),
        (1, 2),
        (1, 3),
        (2, 4),
        (3, 5),
        (4, 6),
        (5, 6),
        (7, 1),
        (7, 2),
        (8, 5),
        (8, 6),
    ):
        sheet.stroke([nodes[first], nodes[second]], DIAN, 3)
    for number, (x, y) in enumerate(nodes):
        sheet.disc(x, y, 12 if number == 0 else 8, ZHU if number == 0 else H5)
    sheet.stroke([*outline, outline[0]], PAPER, 4)
    sheet.area([(570, 494), (630, 494), (644, 560), (556, 560)], H3)
    sheet.box(508, 560, 184, 24, H2)
    sheet.box(476, 584, 248, 62, INK)
    sheet.box(540, 608, 120, 12, LAMP_DIM)
    sheet.box(0, 646, WIDTH, 104, NIGHT)
    sheet.disc(600, 660, 190, "#07111c", 0.1)
    for u, v in scatter(36, 7):
        if abs(u - 0.5) > 0.16:
            sheet.area(
                [
                    (u * WIDTH, v * 600),
                    (u * WIDTH + 6, v * 600 + 9),
                    (u * WIDTH, v * 600 + 18),
                    (u * WIDTH - 6, v * 600 + 9),
                ],
                ("#3d6f9f", LAMP_DIM, "#2a5178")[int(u * 100) % 3],
            )
    return sheet


def draw_chart() -> Sheet:
    """Exhibitors of the expo by year, as far as reports tell."""
    years = (
        ("2015", 258),
        ("2016", 310),
        ("2017", 411),
        ("2018", 430),
        ("2019", 601),
        ("2020", 0),
        ("2021", 300),
        ("2022", 400),
        ("2023", 580),
    )
    sheet = Sheet(PAPER)
    sheet.box(90, 84, 1020, 5, INK)
    sheet.box(90, 94, 1020, 1.5, INK)
    for level in (200, 400, 600):
        y = 620 - level * 0.74
        sheet.box(90, y, 1020, 1, RULE)
        sheet.text(64, y, str(level), 17, EDGE)
    for number, (year, count) in enumerate(years):
        x = 118 + number * 111
        if count:
            high = count * 0.74
            sheet.box(x, 620 - high, 72, high, H5 if count == 601 else H4)
            sheet.text(x + 36, 620 - high - 20, str(count), 22, INK)
        else:
            for part in range(0, 72, 12):
                sheet.box(x + part, 616, 7, 3, EDGE)
        sheet.text(x + 36, 650, year, 20, INK_2)
    sheet.box(90, 620, 1020, 2.5, INK)
    return sheet


def draw_nishan() -> Sheet:
    """Hills at sunrise and a pavilion among pines."""
    sheet = Sheet("#f7efe8")
    sheet.disc(420, 268, 92, "#dd7f66")
    for base, height, turns, phase, colour in (
        (400, 150, 0.9, 0.4, "#dfe7ee"),
        (470, 150, 1.3, 2.2, H2),
        (560, 150, 1.1, 4.4, H3),
        (660, 120, 1.6, 0.9, H4),
    ):
        ridge(sheet, base, height, turns, phase, colour)
    sheet.area([(640, 750), *curve((640, 750), (860, 500), (1200, 520)), (1200, 750)], H5)
    base = 540
    sheet.box(836, base - 12, 208, 16, "#c9ced3")
    for x in (856, 910, 966, 1016):
        sheet.box(x, base - 98, 10, 88, ZHU)
    for level, (width, top) in enumerate(((250, base - 98), (170, base - 168))):
        left = curve((940 - width / 2 - 12, top - 14), (940 - width / 3, top - 6), (940 - width * 0.14, top - 62), 16)
        sheet.area(
            [
                *left,
                *[(1880 - x, y) for x, y in reversed(left)],
                (940 + width / 2, top + 4),
                (940 - width / 2, top + 4),
            ],
            INK,
        )
        if level == 0:
            sheet.box(884, top - 84, 112, 24, "#7c2716")
    sheet.disc(940, base - 240, 8, INK)
    for x, y, size in ((740, 606, 66), (790, 628, 50), (1110, 566, 74), (1160, 596, 60), (690, 672, 54)):
        for level in range(4):
            half = size * (0.62 - level * 0.12)
            foot = y - level * size * 0.42
            sheet.area(
                [(x - half, foot), (x + half, foot), (x, foot - size * 0.72)],
                ("#12344a", "#17405a", "#1d4c69", "#255a79")[level],
            )
        sheet.box(x - 4, y, 8, size * 0.4, INK)
    for offset in (0, 34, 70):
        wing = [(250 + offset * 2, 180 + offset), (266 + offset * 2, 170 + offset), (282 + offset * 2, 180 + offset)]
        sheet.stroke(
            [wing[0], (258 + offset * 2, 172 + offset), wing[1], (274 + offset * 2, 172 + offset), wing[2]], INK_2, 2.5
        )
    for y, x, length in ((470, 120, 260), (530, 380, 210), (590, 60, 300)):
        sheet.pill(x, y, length, 9, 4, "#f4ede6")
    return sheet


def draw_boat() -> Sheet:
    """Children setting small glowing boats on a pool."""
    sheet = Sheet("#10263c")
    sheet.box(0, 0, WIDTH, 300, "#1a3856")
    for number in range(6):
        x = 60 + number * 200
        sheet.box(x, 70, 140, 176, "#21486d")
        sheet.box(x + 14, 92, 112, 70, ("#3d6f9f", "#8fb1d0", "#2f628f")[number % 3])
        sheet.box(x + 14, 176, 76, 10, "#5d87ae")
        sheet.box(x + 14, 196, 96, 10, "#3d6f9f")
    sheet.box(0, 292, WIDTH, 14, "#0a1828")
    wavelets(sheet, 312, "#1f456a", 60, 5)
    for x, y, size, tint in (
        (210, 380, 34, "#8ebff0"),
        (420, 356, 28, LAMP),
        (640, 400, 40, LAMP),
        (900, 372, 32, "#8ebff0"),
        (1080, 430, 44, LAMP),
        (330, 500, 54, "#8ebff0"),
        (560, 570, 70, LAMP),
        (960, 560, 62, "#8ebff0"),
    ):
        _paper_boat(sheet, x, y, size, tint)
    for x, size, coat in ((150, 190, ZHU), (266, 156, "#c9ced3")):
        base = 742.0
        sheet.pill(x - size * 0.27, base - size * 0.66, size * 0.54, size * 0.9, size * 0.2, coat)
        sheet.disc(x, base - size * 0.86, size * 0.24, "#f0cdb4")
        sheet.disc(x - size * 0.03, base - size * 0.94, size * 0.25, INK, 0.78)
        sheet.stroke(
            curve(
                (x + size * 0.16, base - size * 0.5),
                (x + size * 0.5, base - size * 0.5),
                (x + size * 0.66, base - size * 0.74),
            ),
            coat,
            size * 0.13,
        )
        sheet.disc(x + size * 0.67, base - size * 0.76, size * 0.08, "#f0cdb4")
    return sheet


def _paper_boat(sheet: Sheet, x: float, y: float, size: float, tint: str) -> None:
    sheet.disc(x, y + size * 0.34, size * 1.9, "#1d4266", 0.34)
    sheet.disc(x, y + size * 0.36, size * 1.25, "#2f5f8a" if tint != LAMP else "#5b5f52", 0.3)
    sheet.area([(x, y - size), (x - size * 0.56, y), (x + size * 0.56, y)], tint)
    sheet.area([(x, y - size), (x, y), (x + size * 0.56, y)], PAPER)
    sheet.area(
        [
            (x - size * 1.15, y - size * 0.24),
            (x + size * 1.15, y - size * 0.24),
            (x + size * 0.66, y + size * 0.36),
            (x - size * 0.66, y + size * 0.36),
        ],
        PAPER,
    )
    sheet.area([(x, y - size * 0.02), (x + size * 1.15, y - size * 0.24), (x + size * 0.66, y + size * 0.36)], tint)
    for number in range(3):
        width = size * (0.7 - number * 0.18)
        sheet.stroke(
            [(x - width, y + size * (0.56 + number * 0.2)), (x + width, y + size * (0.56 + number * 0.2))], tint, 2
        )


def draw_silkroad() -> Sheet:
    """A caravan on the dunes under lines of light."""
    sheet = Sheet("#132b46")
    sheet.box(0, 0, WIDTH, 200, NIGHT_2)
    sheet.disc(930, 250, 88, "#e58b6f")
    points = [(70, 300), (230, 120), (430, 214), (640, 84), (820, 170), (1010, 90), (1150, 190)]
    for first, second in pairwise(points):
        middle = ((first[0] + second[0]) / 2, min(first[1], second[1]) - 74)
        sheet.stroke(curve(first, middle, second), "#8ebff0", 2.5)
        sheet.stroke(curve(first, (middle[0], middle[1] + 120), second), "#3d6f9f", 1.5)
    for x, y in points:
        sheet.disc(x, y, 15, "#24507a")
        sheet.disc(x, y, 7, LAMP)
    ridge(sheet, 470, 110, 1.1, 0.9, "#9c6a55")
    ridge(sheet, 560, 100, 0.9, 3.1, "#c08a6c")
    crest = [(float(x), 584 - 34 * math.sin(x / 1200 * math.pi * 1.2 + 0.5)) for x in range(0, 1201, 10)]
    for number in range(6):
        place = 250 + number * 128
        sand = 584 - 34 * math.sin(place / 1200 * math.pi * 1.2 + 0.5)
        _camel(sheet, place, sand + 4, 44, INK)
        if number:
            sheet.stroke(curve((place - 76, sand - 62), (place - 62, sand - 40), (place - 46, sand - 48)), INK, 1.5)
    sheet.area([(0, HEIGHT), *crest, (WIDTH, HEIGHT)], "#dba983")
    sheet.area([(0, HEIGHT), (0, 700), *curve((0, 690), (420, 590), (1200, 730)), (WIDTH, HEIGHT)], "#e9c3a0")
    for number in range(5):
        shift = number * 22.0
        sheet.stroke(
            curve((-20, 716 + shift * 0.4), (420, 636 + shift * 0.5), (1240, 752 + shift * 0.3)), "#d2a07a", 1.5
        )
    return sheet


def _camel(sheet: Sheet, x: float, base: float, size: float, fill: str) -> None:
    for leg in (-0.62, -0.38, 0.4, 0.64):
        sheet.stroke([(x + leg * size, base - size * 0.8), (x + leg * size * 1.06, base)], fill, size * 0.13)
    sheet.disc(x, base - size * 1.02, size * 0.82, fill, 0.5)
    for hump in (-0.32, 0.3):
        sheet.area(
            [
                (x + (hump - 0.3) * size, base - size * 1.2),
                *curve(
                    (x + (hump - 0.26) * size, base - size * 1.2),
                    (x + hump * size, base - size * 2.1),
                    (x + (hump + 0.26) * size, base - size * 1.2),
                ),
                (x + (hump + 0.3) * size, base - size * 1.2),
            ],
            fill,
        )
    sheet.box(x - size * 0.24, base - size * 1.5, size * 0.46, size * 0.42, ZHU)
    sheet.stroke(
        curve(
            (x + size * 0.66, base - size * 1.06),
            (x + size * 1.12, base - size * 0.9),
            (x + size * 1.16, base - size * 1.64),
        ),
        fill,
        size * 0.2,
    )
    sheet.disc(x + size * 1.28, base - size * 1.68, size * 0.24, fill, 0.56)
    sheet.stroke(
        curve(
            (x - size * 0.76, base - size * 1.1),
            (x - size * 0.94, base - size * 0.9),
            (x - size * 0.9, base - size * 0.6),
        ),
        fill,
        2.5,
    )


PICTURES: dict[str, Callable[[], Sheet]] = {
    "水乡样刊/bridge.png": draw_bridge,
    "水乡样刊/houses.png": draw_houses,
    "水乡样刊/forum.png": draw_forum,
    "样例科技观察/canal-night.png": draw_canal_night,
    "样例科技观察/robot.png": draw_robot,
    "样例科技观察/award.png": draw_award,
    "样闻网/lamps.png": draw_lamps,
    "数字样本/expo.png": draw_expo,
    "数字样本/nishan.png": draw_nishan,
    "示例晚报/museum.png": draw_museum,
    "示例晚报/boat.png": draw_boat,
    "示例晚报/trophy.png": draw_trophy,
    "示例财经网/chart.png": draw_chart,
    "示例IT之窗/silkroad.png": draw_silkroad,
}
"""Where each picture belongs below the content folder, beside the article that shows it."""


def main() -> None:
    """Draw every picture into the folder given on the command line."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "content"
    for place, draw in PICTURES.items():
        draw().save(root / place)


if __name__ == "__main__":
    main()
