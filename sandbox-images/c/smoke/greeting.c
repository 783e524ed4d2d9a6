#include <stdio.h>
#include "greeting.h"

void greet(const char *name) {
    printf("Grüße, %s\n", name);
}
