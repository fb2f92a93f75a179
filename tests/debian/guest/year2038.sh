# 2^31 s since 1970 are over at 2038-01-19 03:14:08 UTC.
reference
try "it synchronises before 2038-01-19 03:14:08" timectl waitsync --timeout 200s
n=0; until [ "$(date +%s)" -gt 2147483700 ] || [ $n -gt 900 ]; do n=$((n + 5)); sleep 5; done
try "the clock is right after it" bash -c 'timectl waitsync --timeout 120s && date -u +%FT%TZ'
try "timectl writes the time as it is" bash -c 'timectl status | grep "2038-01-19"'
try "chronyd measures" within "$(wrong_by)" 0.01
