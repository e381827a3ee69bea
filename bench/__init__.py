"""What `make bench` runs. A bench is a module with `run(quick) -> Report`, named in `__main__.BENCHES`."""
