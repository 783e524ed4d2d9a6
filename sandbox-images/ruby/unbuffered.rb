# What was printed before a kill must not be lost, and a prompt must show.
$stdout.sync = true
