"""Parts of `bench_window.py`: the records of a made-up training, the clock, and the reader to compare with."""
