mod greeting;

fn main() {
    let names: Vec<String> = std::io::stdin().lines().map(Result::unwrap).collect();
    for name in &names {
        println!("{}", greeting::greet(name));
    }
    println!("{} names", names.len());
}
