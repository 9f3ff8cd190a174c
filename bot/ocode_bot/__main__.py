"""`python -m ocode_bot`."""

from ocode_bot.cli import main

main()
