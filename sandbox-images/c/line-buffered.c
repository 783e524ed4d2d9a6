#include <stdio.h>

/*
 * On a pipe the C library keeps 4 KiB of output back, which a kill would lose, and shows no prompt. With both streams
 * buffered by lines it writes at every line's end, and before it blocks for input.
 */
__attribute__((constructor)) static void buffer_by_lines(void) {
    setvbuf(stdin, NULL, _IOLBF, BUFSIZ);
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}
