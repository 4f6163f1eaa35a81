"""What the banks say they owe for a day, beside what we have credited: matched, explained and closed."""
