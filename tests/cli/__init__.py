"""The command line as people and scripts meet it: a process with arguments, two streams and an exit code."""
