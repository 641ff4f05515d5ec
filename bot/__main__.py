"""`python -m bot`, the same as `jetpack-care`."""

from bot.cli import main

main()
