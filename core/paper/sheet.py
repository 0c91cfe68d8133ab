"""Paper measured in millimetres from its upper left corner.

The only place that turns millimetres into points and flips the y axis; everything above it thinks in
millimetres from the top left, as a ruler laid on the paper does.
"""

from __future__ import annotations

from dataclasses import dataclass

POINTS_PER_MM = 72 / 25.4


def mm_to_pt(length_mm: float) -> float:
    """A length in points."""
    return length_mm * POINTS_PER_MM


def pt_to_mm(length_pt: float) -> float:
    """A length in millimetres."""
    return length_pt / POINTS_PER_MM


@dataclass(frozen=True, slots=True)
class Box:
    """A named rectangle on a sheet; ``x_mm`` from the left edge, ``y_mm`` from the top edge."""

    name: str
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float

    @property
    def right_mm(self) -> float:
        return self.x_mm + self.width_mm

    @property
    def bottom_mm(self) -> float:
        return self.y_mm + self.height_mm

    def inset(self, x_mm: float, y_mm: float | None = None) -> Box:
        """The same box, smaller by ``x_mm`` left and right and ``y_mm`` (or ``x_mm``) above and below."""
        dy = x_mm if y_mm is None else y_mm
        return Box(self.name, self.x_mm + x_mm, self.y_mm + dy, self.width_mm - 2 * x_mm, self.height_mm - 2 * dy)

    def moved(self, x_mm: float, y_mm: float) -> Box:
        """The same box, further right by ``x_mm`` and further down by ``y_mm``."""
        return Box(self.name, self.x_mm + x_mm, self.y_mm + y_mm, self.width_mm, self.height_mm)

    def overlaps(self, other: Box) -> bool:
        """Whether the two share any area (a shared edge is not area)."""
        slack = 1e-6
        return (
            self.x_mm < other.right_mm - slack
            and other.x_mm < self.right_mm - slack
            and self.y_mm < other.bottom_mm - slack
            and other.y_mm < self.bottom_mm - slack
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """One side of a sheet of paper."""

    width_mm: float
    height_mm: float

    @classmethod
    def of_points(cls, width_pt: float, height_pt: float) -> Sheet:
        """The sheet of a PDF page whose size is given in points."""
        return cls(pt_to_mm(width_pt), pt_to_mm(height_pt))

    @property
    def size_pt(self) -> tuple[float, float]:
        """Width and height in points."""
        return mm_to_pt(self.width_mm), mm_to_pt(self.height_mm)

    def point_pt(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        """A place on the paper in PDF coordinates (points, from the lower left corner)."""
        return mm_to_pt(x_mm), mm_to_pt(self.height_mm - y_mm)

    def rect_pt(self, box: Box) -> tuple[float, float, float, float]:
        """Left, bottom, right and top of the box in PDF coordinates (points)."""
        left, top = self.point_pt(box.x_mm, box.y_mm)
        right, bottom = self.point_pt(box.right_mm, box.bottom_mm)
        return left, bottom, right, top

    def holds(self, box: Box) -> bool:
        """Whether the box lies wholly on the paper."""
        slack = 1e-6
        return (
            box.x_mm >= -slack
            and box.y_mm >= -slack
            and box.right_mm <= self.width_mm + slack
            and box.bottom_mm <= self.height_mm + slack
        )
