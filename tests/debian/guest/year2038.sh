# 2^31 s since 1970 are over at 2038-01-19 03:14:08 UTC.
reference
try "before 2038-01-19 03:14:08 it becomes right" becomes_right 300 0.003
try "2^31 s are over" until_date 2147483690
try "after that it is right" becomes_right 120 0.003
written() { # by a daemon to its terminal, which the journal does not date
  timeout 20 $lib/clockd --clock shadow --runtime-dir /tmp/trial --state-dir /tmp/trial 2>&1 | grep -m1 "^2038-01-19T03:1"
}
try "times are written as they are" written
