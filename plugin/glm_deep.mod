+ glm_deep 0.1.0 .
PYTHONPATH +:= ..
PYTHONPATH +:= ../ui
