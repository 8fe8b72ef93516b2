"""Hands sockets over as systemd does, and becomes the command that gets them.

    hand_over.py DESCRIPTOR=NAME ... -- COMMAND [ARGUMENT ...]
"""

import os
import sys


def main():
    end = sys.argv.index("--")
    handed = [part.split("=", 1) for part in sys.argv[1:end]]
    # Out of the way first: a source may lie where another one goes.
    copies = [os.dup2(int(number), 100 + place) for place, (number, _) in enumerate(handed)]
    for place, copy in enumerate(copies):
        os.dup2(copy, 3 + place, inheritable=True)
    os.closerange(100, 100 + len(copies))
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(handed)),
                      LISTEN_FDNAMES=":".join(name for _, name in handed))
    os.execvp(sys.argv[end + 1], sys.argv[end + 1:])


main()
