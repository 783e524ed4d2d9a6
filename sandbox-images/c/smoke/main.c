#include <stdio.h>
#include "greeting.h"

int main(void) {
    char name[64];
    int count = 0;
    while (scanf("%63s", name) == 1) {
        greet(name);
        count++;
    }
    printf("%d names\n", count);
    return 0;
}
