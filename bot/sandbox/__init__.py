"""Local stand-ins of Slack and Amazon, and invented people to try the real bot with.

They stand where the network would begin: the bot that runs against them is the unmodified one.
Nothing here logs or prints.
"""
