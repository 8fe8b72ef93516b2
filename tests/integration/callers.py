"""Many connections that call at once, each as fast as it can, and a record of when and what each was answered."""

import dataclasses
import threading
import time

from support import wait_until


@dataclasses.dataclass
class Call:
    """One request: by the monotonic clock, and by the wall clock where a deadline is compared."""
    sent_at: float
    sent_at_wall: float
    status: int  # 0: the connection ended without a whole answer.
    reason: str
    request_id: str
    was_kept: bool  # The connection was left open.
    answered_at_wall: float = 0.0


class Callers:
    """Calls until stopped. `call(client, caller)` makes one request and returns its response, or None.

    A connection that the other side closed after a whole answer is opened anew, as a client would;
    with `ends_when_refused` a gateway that is gone is the end of it.
    Threads: one a connection; `calls` may be read at any time.
    """

    def __init__(self, gateway, call, connections=64, reconnects=True, ends_when_refused=False):
        self.gateway, self.call, self.reconnects = gateway, call, reconnects
        self.ends_when_refused = ends_when_refused
        self.calls = [[] for _ in range(connections)]
        self.failures = []
        self.is_stopping = False
        self.threads = [threading.Thread(target=self._run, args=(number,), daemon=True)
                        for number in range(connections)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        self.wait_for_more(2)
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.is_stopping = True
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), "a call was never answered"

    def all(self):
        return [call for calls in self.calls for call in list(calls)]

    def wait_for_more(self, count):
        """Until every connection has sent `count` more requests, and has their answers."""
        wanted = [len(calls) + count + 1 for calls in self.calls]
        wait_until(lambda: self.failures or all(len(calls) >= least for calls, least in zip(self.calls, wanted)),
                   "the callers to be answered")
        assert not self.failures, self.failures[:3]

    def _run(self, number):
        client = None
        try:
            while not self.is_stopping:
                if client is None:
                    client = self.gateway.client()
                if not self._call_once(client, number):
                    client.close()
                    client = None
                    if not self.reconnects:
                        return
        except ConnectionRefusedError:
            if not self.ends_when_refused:
                self.failures.append(f"connection {number}: refused")
        except Exception as error:
            self.failures.append(f"connection {number}: {error!r}")
        finally:
            if client is not None:
                client.close()

    def _call_once(self, client, number):
        call = Call(time.monotonic(), time.time(), 0, "", "", False)
        self.calls[number].append(call)
        response = self.call(client, number)
        if response is None or not response.is_complete:
            return False
        call.request_id = response.field("x-request-id")
        call.reason = "none" if response.status < 400 else response.json["reason"]
        call.answered_at_wall = time.time()
        call.was_kept = response.field("connection") != "close"
        call.status = response.status
        return call.was_kept
