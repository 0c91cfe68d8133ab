"""The insurer's dated settings: each key declared once, with its default, bounds, words and place on the page.

Pure. Source: rules.md §12.
"""

from members.policy.building import build, from_json, preset_values
from members.policy.codes import APPLICATION_GROUNDS, PRESET_WORDS, PRESETS, WISHED_GROUNDS
from members.policy.keys import KEYS, Policy, grouped

__all__ = [
    "APPLICATION_GROUNDS",
    "KEYS",
    "PRESETS",
    "PRESET_WORDS",
    "WISHED_GROUNDS",
    "Policy",
    "build",
    "from_json",
    "grouped",
    "preset_values",
]
