"""What `make bench` runs. A bench is a module with `run(quick) -> Report`, named in `__main__.BENCHES`, and with its `COLUMNS`.

`--against` runs it as a whole in both states; where it has `measuring(quick)`, a context that gives a function from a `trees.Tree` to the rows of one
round, by that. What a commit is asked then are names and commands that 674f7d4 has, and that stay: `python -m bench NAME --json FILE`, `bench.worker` with
`bench.ours:sabah` and `bench.ours:parse_only`, `python -m bench.reparse FOLDER JOBS READ`, and the crawlers that `bench.one_crawl` is given.
"""
