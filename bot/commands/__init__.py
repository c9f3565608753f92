"""The groups of subcommands of `kutip`; `bot/cli.py` puts them together."""
