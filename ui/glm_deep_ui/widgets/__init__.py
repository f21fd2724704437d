"""The parts of the window that draw or ask for something."""
