"""The establishments of an invented society: who fills up while the members are made."""

from __future__ import annotations

from itertools import accumulate

from tools.invent import addresses
from tools.invent.people import Establishment
from tools.invent.world import World

_MEMBERS_EACH = 400
_WORD_LIST = """
東雲 若葉 白樺 青葉 高峰 千歳 桜丘
朝凪 緑川 富士見 光陽 三ツ星 八雲 大樹 明星 白鳥 北斗 南風 松風 旭
"""
_TRADE_LIST = """
工業 製作所 商事 運輸 電機 化学 建設 システム 食品 印刷 物流 精機 薬品 サービス 繊維
"""
_WORDS, _TRADES = _WORD_LIST.split(), _TRADE_LIST.split()
_LETTERED_SYMBOL = "東A"


class Employers:
    """All establishments in order, and the one that is taking in members now."""

    def __init__(self, world: World) -> None:
        self._stream = world.stream("employers")
        society = world.society
        if society.municipal:
            seat = (society.postal_code, society.address)
            self.regular = [Establishment(society.number, "0001", society.name, seat, "若", width=7)]
        else:
            count = max(3, min(5000, world.members // _MEMBERS_EACH))
            self.regular = [self._employer(index, society.number) for index in range(count)]
        self._full_at = self._quotas(world.members)
        self._index = 0
        self.voluntary = self._own(world, society.number, "9001", "任意継続被保険者", "9001")
        self.special_retired = self._own(world, society.second_number, "9500", "特例退職被保険者", "950")

    @property
    def current(self) -> Establishment:
        return self.regular[self._index]

    def advance(self, members_so_far: int) -> None:
        """Goes on to the next employer when the present one has its share of the members."""
        while self._index + 1 < len(self.regular) and members_so_far >= self._full_at[self._index]:
            self._index += 1

    def another(self) -> Establishment:
        """An employer that is not the present one (the first of the group, as a rule)."""
        return self.regular[1] if self._index == 0 else self.regular[0]

    def all(self) -> list[Establishment]:
        """Every establishment that ``establishments.csv`` lists."""
        own = [self.voluntary, self.special_retired]
        return self.regular + [e for e in own if e.insurer_number and len(self.regular) > 1]

    def _employer(self, index: int, insurer_number: str) -> Establishment:
        draw = self._stream.random
        word, trade = _WORDS[int(draw() * len(_WORDS))], _TRADES[int(draw() * len(_TRADES))]
        name = f"{word}{trade}株式会社" if draw() < 0.7 else f"株式会社{word}{trade}"
        symbol = _LETTERED_SYMBOL if index == 1 else str(101 + index)
        width = (0, 4, 6)[index % 3]
        return Establishment(insurer_number, f"{index + 1:04d}", name, addresses.office(self._stream), symbol, width)

    def _quotas(self, members: int) -> list[float]:
        """After how many members in all each employer is full: few large ones, many small."""
        weights = [0.25 + self._stream.paretovariate(1.6) for _ in self.regular]
        return [members * done / sum(weights) for done in accumulate(weights)]

    @staticmethod
    def _own(world: World, insurer_number: str, code: str, name: str, symbol: str) -> Establishment:
        seat = (world.society.postal_code, world.society.address)
        return Establishment(insurer_number, code, name, seat, symbol, width=5)
