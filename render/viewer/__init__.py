"""The window: the only place that imports pygame."""

import os

# Without it pygame greets on stdout, which belongs to the command's own output.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
# Where there is no GPU, SDL would show each picture by way of a simulated one: 6 ms instead of 1.
os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
