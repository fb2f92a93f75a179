# NTP's era ends at 2036-02-07 06:28:16 UTC.
reference
try "before 2036-02-07 06:28:16 it becomes right" becomes_right 300 0.003
try "the era ends" until_date 2085978530
try "in the next one it is right" becomes_right 120 0.003
date -u
