"""Settings of hypothesis for all tests: the same examples in every run, and no time limit on a busy machine."""

from hypothesis import settings

settings.register_profile("glm_deep", derandomize=True, deadline=None)
settings.load_profile("glm_deep")
