"""How much a gateway's memory grows while something goes on."""

import threading


class PeakMemory:
    """Samples a gateway's memory inside a `with` block; `growth` is the most it grew."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.growth = 0

    def __enter__(self):
        self.start = self.gateway.memory_bytes()
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._sample)
        self.thread.start()
        return self

    def _sample(self):
        while not self.done.wait(0.02):
            self.growth = max(self.growth, self.gateway.memory_bytes() - self.start)

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
