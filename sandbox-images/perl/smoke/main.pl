use v5.36;
use lib '.';
use Greeting;

my @names = <STDIN>;
chomp @names;
say Greeting::greet($_) for @names;
say scalar(@names), ' names';
