import Foundation

var count = 0
while let name = readLine() {
    print(greet(name))
    count += 1
}
print(String(format: "%d names", count))
