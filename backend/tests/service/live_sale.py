"""A small sale that touches everything a dashboard shows: holds, refusals, orders of both ends, lapses, viewers."""

import random
import threading

from client import AWAY, Buyer
from sse import SseClient


class LiveSale:
    """Goes on until end(). `office` is anything that buyers and viewers can reach."""

    def __init__(self, office, event: int = 4, first_seat: int = 4_000_001, seats: int = 400, buyers: int = 3):
        self.office, self.event, self.seats = office, event, [first_seat + n for n in range(seats)]
        self.over = threading.Event()
        self.viewers = [SseClient(office, event) for _ in range(2)]
        self.threads = [threading.Thread(target=self.buy, args=(number,), daemon=True) for number in range(buyers)]
        for thread in self.threads:
            thread.start()

    def buy(self, number: int) -> None:
        dice = random.Random(number)
        while not self.over.is_set():
            buyer = Buyer(self.office)
            try:
                taken, *others = self.seats
                buyer.hold(self.event, taken, 1)  # held by one of them, refused to the others; lapses
                seat = dice.choice(others)
                if buyer.hold(self.event, seat, 30).status == 201 and dice.random() < 0.5:  # so that seats are left for minutes
                    buyer.order(self.event, seat)
            except AWAY:
                pass
            finally:
                buyer.close()
            self.over.wait(0.1)

    def end(self) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()
        for viewer in self.viewers:
            viewer.close()
