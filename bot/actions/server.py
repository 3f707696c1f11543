"""The action server on this machine's own address only: it believes the tracker it is sent.

Rasa's own command would listen to the whole network.
"""

from __future__ import annotations

import sys

from rasa_sdk.endpoint import create_app

HOST = "127.0.0.1"


def main(port: int) -> None:
    """Serve the actions of ``bot.actions`` until the process ends."""
    app = create_app("bot.actions")
    app.run(host=HOST, port=port, workers=1, access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
