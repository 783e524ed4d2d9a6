#include <format>
#include <iostream>
#include "greeting.hpp"

int main() {
    int count = 0;
    for (std::string name; std::cin >> name; count++) std::cout << greet(name) << '\n';
    std::cout << std::format("{} names\n", count);
}
