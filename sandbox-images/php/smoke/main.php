<?php
require 'greeting.php';

$names = file('php://stdin', FILE_IGNORE_NEW_LINES);
foreach ($names as $name) echo greet($name), "\n";
echo count($names), " names\n";
