"""The window of glm_deep, in Maya and by itself; knows neither torch nor Maya."""
