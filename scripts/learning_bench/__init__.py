"""What bench_accuracy and bench_training share: the character they measure, and how they measure it."""
