"""A terminal for a command, to see what a person sees and to press keys."""

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading


class Terminal:
    """80 columns wide; its other side keeps what was written to it."""

    def __init__(self):
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.data = b""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        with contextlib.suppress(OSError):
            while piece := os.read(self.ours, 4096):
                self.data += piece

    @property
    def text(self):
        return self.data.decode()

    def start(self, command, **options):
        """A process whose controlling terminal it is: keys such as Ctrl-C reach all that it starts."""
        def take_terminal():
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        return subprocess.Popen(command, stdin=self.theirs, stdout=self.theirs, stderr=self.theirs, start_new_session=True,
                                preexec_fn=take_terminal, **options)

    def press(self, keys):
        os.write(self.ours, keys)

    def close(self):
        """Ends it; all that was written has been read then."""
        if self.theirs >= 0:
            os.close(self.theirs)
            self.theirs = -1
            self.reader.join(20)
            os.close(self.ours)
