"""Export of a model as one graph: torch, ONNX, and the engines that are built from it."""
