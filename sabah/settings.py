"""Every setting of the project, grouped, each with why it has its value."""

from __future__ import annotations

BOT_NAME = "sabah"
SPIDER_MODULES = ["sabah.spiders"]
COMMANDS_MODULE = "sabah.commands"
