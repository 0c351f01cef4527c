# Completions of hubscope for fish.

complete --keep-order --exclusive --command hubscope --arguments "(HUBSCOPE_COMPLETE=fish hubscope -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token --cut-at-cursor) 2>/dev/null)"
