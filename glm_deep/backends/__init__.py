"""The ways to play a model: numpy, and where they are there and faster, onnxruntime, torch and TensorRT."""
