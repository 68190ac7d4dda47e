"""The window: the only place that imports pygame."""

import os

# Without it pygame greets on stdout, which belongs to the command's own output.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
