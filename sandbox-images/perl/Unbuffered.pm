# What was printed before a kill must not be lost, and a prompt must show.
package Unbuffered;
$| = 1;
1;
