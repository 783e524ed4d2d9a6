require 'set'
require_relative 'greeting'

names = $stdin.each_line(chomp: true).to_set
names.each { |name| puts greet(name) }
puts "#{names.size} names"
