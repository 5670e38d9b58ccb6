"""One process of the bot in the kill test: `xiaofang serve` as it is, in a process whose imports are done already."""

import os
import sys

PRELOAD = [
    "bot.cli",
    "bot.wiring",
    "bot.app",
    "bot.commands.running",
    "bot.channels.wecom.channel",
    "uvicorn",
    "tests.kill.warm",
]


def serve(config: str, role: str, log: str) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    from bot.cli import main

    sys.argv = ["xiaofang", "serve", "--config", config, "--only", role]
    main()
