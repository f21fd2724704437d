"""What the benchmarks compare glm_deep with, one file a predictor, and how they measure all of them alike."""
