# 2^31 s since 1970 are over at 2038-01-19 03:14:08 UTC.
reference
try "before 2038-01-19 03:14:08 it becomes right" becomes_right 300 0.003
try "2^31 s are over" until_date 2147483690
try "after that it is right" becomes_right 120 0.003
written() { journalctl -u timesuite-clockd -n 1 --no-pager -o short-iso | cut -c1-25; timectl clock --events 3 | grep "2038-01-19"; }
systemctl restart timesuite-clockd
try "times are written as they are" until_true 60 written
